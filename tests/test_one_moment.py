"""Who looks sees one moment: what others post meanwhile is in all sums of a look or in none."""

import threading

from kopprod import db
from kopprod.domain.ledger import CASH, SALE_FEE, Posting
from kopprod.services import books, ledger
from tests import make
from tests.seasons import DAY, writing


def posted(coop: str, times: int) -> None:
    """So many entries of Rp7, each in a transaction of its own."""
    for turn in range(times):
        lines = [Posting(CASH, debit_rp=7), Posting(SALE_FEE, credit_rp=7)]
        with writing(coop) as session:
            ledger.post(session, on=DAY, memo="Uji", paper=f"hand:{turn}", postings=lines)


def test_a_trial_balance_balances_while_others_post(coop: str) -> None:
    with writing(coop) as session:
        ledger.open_chart(session)
    posting = threading.Thread(target=posted, args=(coop, 60))
    posting.start()
    looks = 0
    while posting.is_alive() or not looks:
        with db.reading(coop, person=make.TREASURER) as session:
            rows = books.trial_balance(session)
            book = books.account_book(session, CASH, since=DAY)
        looks += 1
        assert sum(row.debit_rp for row in rows) == sum(row.credit_rp for row in rows)
        assert book.opening_rp == 0
    posting.join()


def test_what_is_asked_twice_in_one_look_is_the_same(coop: str) -> None:
    with writing(coop) as session:
        ledger.open_chart(session)
    posted(coop, 1)
    with db.reading(coop, person=make.TREASURER) as session:
        before = ledger.balance_rp(session, CASH)
        posted(coop, 2)
        assert ledger.balance_rp(session, CASH) == before == 7
    with db.reading(coop, person=make.TREASURER) as session:
        assert ledger.balance_rp(session, CASH) == 21
