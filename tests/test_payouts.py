"""Payouts: what members agreed to is taken once, lists are paid one by one, and nothing is lost."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain import payouts as rule
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.ledger import BANK, CASH, OWED_TO_MEMBERS, Posting
from kopprod.domain.members import AccountKind, MemberStatus
from kopprod.domain.payouts import Agreed, BatchKind, DeductionKind
from kopprod.domain.refusal import Refusal
from kopprod.services import (
    deductions,
    ledger,
    payout_rows,
    payouts,
    reversals,
    sales,
    slips,
    take_backs,
)
from kopprod.tables.members import Member
from kopprod.tables.payouts import DeductionAgreement, PayoutBatch
from kopprod.tables.slips import Slip
from tests import make
from tests.payday import BUDI_RP, DUES, INPUTS, LOAN, MADE_RP, SITI_RP, Payday, clean
from tests.seasons import DAY, at_once, bring, open_sale, writing

CLAIM = DeductionKind.CLAIM


def owed_rp(session: Session, payday: Payday, name: str, account: str) -> int:
    return ledger.balance_rp(session, account, member_id=payday.season.members[name])


def draw_up(payday: Payday, *names: str, kind: BatchKind = BatchKind.CASH) -> int:
    ids = [payday.slip_ids[name] for name in names]
    account = CASH if kind is BatchKind.CASH else BANK
    with payday.acting() as session:
        return payouts.draw_up(session, ids, kind=kind, account=account, on=DAY).id


def has_account(payday: Payday, *names: str) -> None:
    with payday.acting(make.MANAGER) as session:
        for name in names:
            row = session.get_one(Member, payday.season.members[name])
            row.account_kind, row.account_provider = AccountKind.BANK, "Bank Desa"
            row.account_number, row.account_holder = "0012345", name.upper()


# What is taken of one slip


def test_nothing_is_taken_of_who_agreed_to_nothing(payday: Payday) -> None:
    with payday.acting() as session:
        slip = slips.pay(session, payday.slip_ids["Siti"], account=CASH, on=DAY)

        assert (slip.net_value_rp, slip.deducted_rp, slip.received_rp) == (SITI_RP, 0, SITI_RP)
        assert owed_rp(session, payday, "Siti", "1108") == 2_000_000
    assert clean(payday.coop) == []


def test_dues_and_an_instalment_are_taken_and_the_rest_is_paid(payday: Payday) -> None:
    payday.agree("Siti", Agreed(DUES, 1, 10_000), Agreed(LOAN, 2, 200_000))
    with payday.acting() as session:
        slip = slips.pay(session, payday.slip_ids["Siti"], account=CASH, on=DAY)

        assert (slip.deducted_rp, slip.received_rp) == (210_000, SITI_RP - 210_000)
        assert owed_rp(session, payday, "Siti", "1108") == 1_800_000
        assert owed_rp(session, payday, "Siti", "32") == -10_000
        assert owed_rp(session, payday, "Siti", OWED_TO_MEMBERS) == 0
        assert deductions.taken(session, [slip.id]) == {slip.id: {DUES: 10_000, LOAN: 200_000}}
        assert ledger.balance_rp(session, CASH) == 5_000_000 - (SITI_RP - 210_000)
    assert clean(payday.coop) == []


def test_a_slip_that_is_taken_in_whole_moves_no_money(payday: Payday) -> None:
    with payday.acting() as session:
        ledger.post_by_hand(
            session,
            on=DAY,
            memo="Pupuk",
            postings=[
                Posting("1109", debit_rp=9_000_000, member_id=payday.season.members["Made"]),
                Posting("2131", credit_rp=9_000_000),
            ],
        )
    payday.agree("Made", Agreed(INPUTS, 1), most_bp=10_000)
    with payday.acting() as session:
        slip = slips.pay(session, payday.slip_ids["Made"], account=CASH, on=DAY)

        assert (slip.received_rp, slip.paid_from, slip.paid_entry_id) == (0, None, None)
        assert ledger.balance_rp(session, CASH) == 5_000_000
    assert clean(payday.coop) == []


def test_an_amount_that_changed_on_the_way_is_not_paid(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1, 200_000))
    with pytest.raises(slips.OtherAmount), payday.acting() as session:
        slips.pay(session, payday.slip_ids["Siti"], account=CASH, on=DAY, seen_rp=SITI_RP)
    with payday.acting() as session:
        assert payday.slip(session, "Siti").deducted_rp == 0


def test_what_would_be_taken_is_shown_before_with_what_is_left(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1, 200_000), Agreed(DUES, 2, 10_000))
    with db.reading(payday.coop, person=payday.treasurer) as session:
        slip = payday.slip(session, "Siti")
        assert deductions.planned(session, [slip])[slip.id] == [
            deductions.Taken(LOAN, 200_000, 1_800_000),
            deductions.Taken(DUES, 10_000, None),
        ]


def test_money_that_came_back_is_paid_again_without_taking_more(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1, 200_000))
    with payday.acting() as session:
        slip = slips.pay(session, payday.slip_ids["Siti"], account=BANK, on=DAY)
        reversals.return_payout(session, slip.id, reason="Nomor salah", on=DAY)
        slips.pay(session, slip.id, account=CASH, on=DAY)

        assert (slip.deducted_rp, slip.received_rp) == (200_000, SITI_RP - 200_000)
        assert owed_rp(session, payday, "Siti", "1108") == 1_800_000
    assert clean(payday.coop) == []


def test_a_slip_set_off_against_an_earlier_one_is_taken_of_once_more(payday: Payday) -> None:
    """Paid, taken back, settled anew at a better price: the rest is paid less her instalment."""
    with payday.acting() as session:
        slips.pay(session, payday.slip_ids["Siti"], account=CASH, on=DAY)
    payday.agree("Siti", Agreed(LOAN, 1, 1_000), Agreed(CLAIM, 2))
    with payday.acting(payday.manager) as session:
        reversals.reverse_settlement(session, payday.sale_id, reason="Harga salah", on=DAY)
        sales.change_terms(
            session,
            payday.sale_id,
            sold_on=DAY,
            price_e4=180_000_000,
            buyer_weight=297_400,
            fee_bp=250,
            on=DAY,
        )
        sales.settle(session, payday.sale_id, on=DAY)
    with payday.acting() as session:
        siti = payday.season.members["Siti"]
        fresh = session.exec(
            select(Slip).where(Slip.member_id == siti, Slip.voided_on == None)  # noqa: E711
        ).one()
        assert fresh.deducted_rp == SITI_RP
        more_rp = fresh.net_value_rp - SITI_RP
        batch = payouts.draw_up(session, [fresh.id], kind=BatchKind.CASH, account=CASH, on=DAY)
        assert deductions.taken(session, [fresh.id]) == {fresh.id: {CLAIM: SITI_RP, LOAN: 1_000}}
        payouts.take_off(session, fresh.id, on=DAY)
        assert deductions.taken(session, [fresh.id]) == {fresh.id: {CLAIM: SITI_RP}}
        assert batch.closed_on == DAY
        slips.pay(session, fresh.id, account=CASH, on=DAY)
        assert fresh.received_rp == more_rp - 1_000
        assert owed_rp(session, payday, "Siti", "1124") == 0
    assert clean(payday.coop) == []


# Agreements


def test_an_agreement_replaces_the_one_before_which_is_kept(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1, 200_000), Agreed(DUES, 2, 10_000))
    payday.agree("Siti", Agreed(DUES, 7, 20_000), most_bp=2_500)
    siti = payday.season.members["Siti"]
    with db.reading(payday.coop, person=payday.treasurer) as session:
        assert deductions.terms(session, siti) == deductions.Terms(
            [Agreed(DUES, 1, 20_000)], 2_500, DAY
        )
        past = deductions.history(session, siti)
        assert [(row.kind, row.until) for row in past] == [(DUES, None), (DUES, DAY), (LOAN, DAY)]


def test_an_agreement_from_before_the_one_that_stands_is_refused(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1, 200_000))
    with pytest.raises(deductions.AgreedLater), payday.acting() as session:
        yesterday = DAY - timedelta(days=1)
        member_id = payday.season.members["Siti"]
        deductions.agree(session, member_id, agreed=[], most_bp=0, on=yesterday)


def test_terms_that_cannot_be_meant_are_refused(payday: Payday) -> None:
    with pytest.raises(rule.DuesNeedAmount):
        payday.agree("Siti", Agreed(DUES, 1))
    with payday.acting() as session:
        assert session.exec(select(DeductionAgreement)).first() is None
        with pytest.raises(deductions.NobodyAgrees):
            deductions.agree(session, 999, agreed=[], most_bp=0, on=DAY)


def test_a_member_reads_her_own_terms_and_nobody_elses(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1))
    members = payday.season.members
    siti = make.person(Role.MEMBER, name="Siti", member_id=members["Siti"])
    with db.reading(payday.coop, person=siti) as session:
        assert deductions.terms(session, members["Siti"]).most_bp == 5_000
        with pytest.raises(NotAllowed):
            deductions.terms(session, members["Budi"])
        with pytest.raises(NotAllowed):
            deductions.history(session, members["Budi"])


@pytest.mark.parametrize(
    "person", [make.OFFICER, make.SUPERVISOR, make.person(Role.MEMBER, member_id=1)]
)
def test_nobody_else_writes_payouts(payday: Payday, person: Person) -> None:
    slip_id, siti = payday.slip_ids["Siti"], payday.season.members["Siti"]
    with payday.acting(person) as session:
        with pytest.raises(NotAllowed):
            deductions.agree(session, siti, agreed=[], most_bp=0, on=DAY)
        with pytest.raises(NotAllowed):
            payouts.draw_up(session, [slip_id], kind=BatchKind.CASH, account=CASH, on=DAY)
        for act in (payouts.mark_paid, payouts.take_off, payouts.mark_all_paid):
            with pytest.raises(NotAllowed):
                act(session, slip_id, on=DAY)


# Lists


def test_a_list_takes_what_was_agreed_and_is_paid_one_by_one(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1, 200_000))
    payday.agree("Budi", Agreed(INPUTS, 1), most_bp=2_000)
    batch_id = draw_up(payday, "Siti", "Budi", "Made")
    with payday.acting() as session:
        found = payouts.payout_list(session, batch_id)
        assert (found.batch.number, found.batch.closed_on) == ("BAYAR-2026-0001", None)
        assert [(row.member.name, row.left_rp) for row in found.rows] == [
            ("Budi", BUDI_RP - 238_733),
            ("Made", MADE_RP),
            ("Siti", SITI_RP - 200_000),
        ]
        assert found.drawn_by == "Tuti"
        assert ledger.balance_rp(session, CASH) == 5_000_000
        payouts.mark_paid(session, payday.slip_ids["Budi"], on=DAY)
        assert payday.slip(session, "Budi").received_rp == BUDI_RP - 238_733
        assert payouts.payout_list(session, batch_id).unpaid_rp == MADE_RP + SITI_RP - 200_000
    assert clean(payday.coop) == []
    with payday.acting() as session:
        payouts.mark_all_paid(session, batch_id, on=DAY)
        assert payouts.payout_list(session, batch_id).batch.closed_on == DAY
        assert payouts.unpaid(session) == []
        assert owed_rp(session, payday, "Budi", "1109") == 400_000 - 238_733
    assert clean(payday.coop) == []


def test_two_slips_of_one_member_on_a_list_never_take_more_than_she_owes(payday: Payday) -> None:
    """Milk is paid weekly: the second slip sees what the first one took."""
    with writing(payday.coop, payday.manager) as session:
        more = bring(session, payday.season, "Siti", 100_000)
        sale = open_sale(session, payday.season, buyer_weight=100_000, delivery_ids=[more])
        sales.settle(session, sale.id, on=DAY)
    payday.agree("Siti", Agreed(LOAN, 1), most_bp=10_000)
    with payday.acting() as session:
        waiting = [row.slip for row in payouts.unpaid(session) if row.member.name == "Siti"]
        ids = [slip.id for slip in waiting]
        planned = deductions.planned(session, waiting)
        assert sum(one.amount_rp for each in planned.values() for one in each) == 2_000_000
        payouts.draw_up(session, ids, kind=BatchKind.CASH, account=CASH, on=DAY)
        assert sum(slip.deducted_rp for slip in waiting) == 2_000_000
        assert owed_rp(session, payday, "Siti", "1108") == 0
    assert clean(payday.coop) == []


def test_a_slip_taken_off_gets_back_what_was_taken_of_it(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1, 200_000))
    batch_id = draw_up(payday, "Siti", "Made")
    with payday.acting() as session:
        payouts.take_off(session, payday.slip_ids["Siti"], on=DAY)

        slip = payday.slip(session, "Siti")
        assert (slip.deducted_rp, slip.deducted_entry_id, slip.batch_id) == (0, None, None)
        assert owed_rp(session, payday, "Siti", "1108") == 2_000_000
        assert [row.member.name for row in payouts.payout_list(session, batch_id).rows] == ["Made"]
    assert clean(payday.coop) == []
    again = draw_up(payday, "Siti")
    with payday.acting() as session:
        assert payday.slip(session, "Siti").deducted_rp == 200_000
        assert [found.batch.id for found in payout_rows.lists(session)] == [again, batch_id]
    assert clean(payday.coop) == []


def test_a_list_closes_itself_with_the_last_slip(payday: Payday) -> None:
    batch_id = draw_up(payday, "Siti", "Made")
    with payday.acting() as session:
        payouts.mark_paid(session, payday.slip_ids["Siti"], on=DAY)
        assert session.get_one(PayoutBatch, batch_id).closed_on is None
        payouts.take_off(session, payday.slip_ids["Made"], on=DAY)
        assert session.get_one(PayoutBatch, batch_id).closed_on == DAY
        with pytest.raises(payouts.ListFinished):
            payouts.mark_all_paid(session, batch_id, on=DAY)
    assert clean(payday.coop) == []


def test_a_slip_of_which_nothing_is_left_is_paid_by_the_list_itself(payday: Payday) -> None:
    payday.agree("Budi", Agreed(INPUTS, 1), most_bp=10_000)
    with payday.acting() as session:
        ledger.post_by_hand(
            session,
            on=DAY,
            memo="Pupuk",
            postings=[
                Posting("1109", debit_rp=900_000, member_id=payday.season.members["Budi"]),
                Posting("2131", credit_rp=900_000),
            ],
        )
    batch_id = draw_up(payday, "Budi")
    with payday.acting() as session:
        assert payday.slip(session, "Budi").received_rp == 0
        assert session.get_one(PayoutBatch, batch_id).closed_on == DAY
    assert clean(payday.coop) == []


def test_a_list_for_the_bank_leaves_out_who_has_no_account(payday: Payday) -> None:
    has_account(payday, "Siti", "Budi")
    with payday.acting() as session:
        assert [r.member.name for r in payouts.without_account(payouts.unpaid(session))] == ["Made"]
    batch_id = draw_up(payday, "Siti", "Budi", "Made", kind=BatchKind.TRANSFER)
    with payday.acting() as session:
        names = [row.member.name for row in payouts.payout_list(session, batch_id).rows]
        assert names == ["Budi", "Siti"]
        payouts.mark_all_paid(session, batch_id, on=DAY)
        assert payday.slip(session, "Siti").paid_from == BANK
    with pytest.raises(payouts.NobodyHasAccount) as refused:
        draw_up(payday, "Made", kind=BatchKind.TRANSFER)
    assert refused.value.facts["names"] == "Made"
    assert clean(payday.coop) == []


def test_the_same_form_sent_twice_makes_one_list(payday: Payday) -> None:
    ids = [payday.slip_ids["Siti"]]
    with payday.acting() as session:
        first, second = (
            payouts.draw_up(
                session, ids, kind=BatchKind.CASH, account=CASH, on=DAY, draft_key="one"
            )
            for _ in range(2)
        )
        assert first.id == second.id
        with pytest.raises(payouts.NobodyOnList):
            payouts.draw_up(session, [], kind=BatchKind.CASH, account=CASH, on=DAY)


def test_a_member_who_left_is_still_paid(payday: Payday) -> None:
    with payday.acting(make.MANAGER) as session:
        siti = session.get_one(Member, payday.season.members["Siti"])
        siti.status, siti.left_on = MemberStatus.LEFT, DAY
    batch_id = draw_up(payday, "Siti")
    with payday.acting() as session:
        payouts.mark_all_paid(session, batch_id, on=DAY, seen=[payday.slip_ids["Siti"]])
        assert payday.slip(session, "Siti").received_rp == SITI_RP


# A list that changes while it is being paid


def test_what_cannot_be_on_a_list_is_named(payday: Payday) -> None:
    batch_id = draw_up(payday, "Siti")
    with pytest.raises(payouts.OnAnotherList) as refused:
        draw_up(payday, "Siti", "Made")
    assert refused.value.facts["name"] == "Siti"
    with payday.acting() as session:
        with pytest.raises(payout_rows.SlipOnList):
            slips.pay(session, payday.slip_ids["Siti"], account=CASH, on=DAY)
        with pytest.raises(payouts.NotOnList):
            payouts.mark_paid(session, payday.slip_ids["Made"], on=DAY)
        with pytest.raises(payouts.NotOnList):
            payouts.take_off(session, payday.slip_ids["Siti"], on=DAY, batch_id=batch_id + 1)
        with pytest.raises(payouts.BeforeList):
            payouts.take_off(session, payday.slip_ids["Siti"], on=DAY - timedelta(days=1))
        with pytest.raises(slips.UnknownSlip):
            payouts.mark_paid(session, 999, on=DAY)
        for unknown in (payouts.payout_list,):
            with pytest.raises(payouts.UnknownList):
                unknown(session, 999)
        with pytest.raises(payouts.UnknownList):
            payouts.mark_all_paid(session, 999, on=DAY)
        payouts.mark_paid(session, payday.slip_ids["Siti"], on=DAY)
        with pytest.raises(slips.SlipPaidAlready):
            payouts.mark_paid(session, payday.slip_ids["Siti"], on=DAY)
        with pytest.raises(slips.SlipPaidAlready):
            payouts.take_off(session, payday.slip_ids["Siti"], on=DAY)
    with pytest.raises(slips.SlipPaidAlready):
        draw_up(payday, "Siti")


def test_a_list_that_changed_since_it_was_looked_at_is_not_paid_as_a_whole(payday: Payday) -> None:
    batch_id = draw_up(payday, "Siti", "Made")
    seen = [payday.slip_ids[name] for name in ("Siti", "Made")]
    with payday.acting() as session:
        payouts.take_off(session, payday.slip_ids["Siti"], on=DAY)
    with pytest.raises(payouts.ListChanged), payday.acting() as session:
        payouts.mark_all_paid(session, batch_id, on=DAY, seen=seen)


def test_a_sale_is_not_taken_back_under_a_list_and_void_slips_are_not_paid(payday: Payday) -> None:
    draw_up(payday, "Siti")
    with payday.acting(payday.manager) as session:
        assert take_backs.outlook(session, payday.sale_id).lists == ["BAYAR-2026-0001"]
        listed = {row.member.name: row.batch for row in slips.slips(session)}
        assert listed == {"Siti": "BAYAR-2026-0001", "Budi": "", "Made": ""}
        assert slips.slip(session, payday.slip_ids["Siti"]).batch == "BAYAR-2026-0001"
    with pytest.raises(payout_rows.SlipOnList), payday.acting(payday.manager) as session:
        reversals.reverse_settlement(session, payday.sale_id, reason="Salah", on=DAY)
    with payday.acting() as session:
        payouts.take_off(session, payday.slip_ids["Siti"], on=DAY)
    with payday.acting(payday.manager) as session:
        assert take_backs.outlook(session, payday.sale_id).lists == []
        reversals.reverse_settlement(session, payday.sale_id, reason="Salah", on=DAY)
    with pytest.raises(slips.SlipCancelled):
        draw_up(payday, "Siti")
    assert clean(payday.coop) == []


def test_who_settled_draws_up_no_list_of_it(payday: Payday) -> None:
    ids = [payday.slip_ids["Siti"]]
    with pytest.raises(slips.SettlerMayNotPay), payday.acting(payday.manager) as session:
        payouts.draw_up(session, ids, kind=BatchKind.CASH, account=CASH, on=DAY)
    batch_id = draw_up(payday, "Siti")
    with pytest.raises(slips.SettlerMayNotPay), payday.acting(payday.manager) as session:
        payouts.mark_all_paid(session, batch_id, on=DAY)


def test_more_than_the_box_holds_leaves_the_list_as_it_is(payday: Payday) -> None:
    with payday.acting() as session:
        ledger.post_by_hand(
            session,
            on=DAY,
            memo="Ke bank",
            postings=[Posting(BANK, debit_rp=4_000_000), Posting(CASH, credit_rp=4_000_000)],
        )
    batch_id = draw_up(payday, "Siti", "Made")
    with pytest.raises(ledger.CashShort), payday.acting() as session:
        payouts.mark_all_paid(session, batch_id, on=DAY)
    with payday.acting() as session:
        assert len(payouts.payout_list(session, batch_id).open_rows) == 2


def outcome(payday: Payday, act: object, *args: object) -> str:
    with payday.acting() as session:
        act(session, *args, on=DAY)  # type: ignore[operator]
    return "done"


def test_of_two_who_pay_and_take_off_at_once_one_succeeds(payday: Payday) -> None:
    batch_id = draw_up(payday, "Siti", "Made")
    siti = payday.slip_ids["Siti"]
    results = at_once(
        lambda: outcome(payday, payouts.mark_paid, siti),
        lambda: outcome(payday, payouts.take_off, siti),
    )
    assert results.count("done") == 1
    assert sum(isinstance(one, Refusal) for one in results) == 1
    results = at_once(
        lambda: outcome(payday, payouts.mark_all_paid, batch_id),
        lambda: outcome(payday, payouts.mark_paid, payday.slip_ids["Made"]),
    )
    assert "done" in results
    with payday.acting() as session:
        assert payday.slip(session, "Made").received_rp == MADE_RP
        assert session.get_one(PayoutBatch, batch_id).closed_on == DAY
    assert clean(payday.coop) == []


def test_of_two_lists_at_once_a_slip_stands_on_one(payday: Payday) -> None:
    payday.agree("Siti", Agreed(LOAN, 1), most_bp=10_000)
    results = at_once(
        lambda: draw_up(payday, "Siti", "Made"), lambda: draw_up(payday, "Budi", "Siti")
    )
    assert sum(isinstance(one, payouts.OnAnotherList) for one in results) == 1
    assert clean(payday.coop) == []
