"""What came against what was ordered, and what is claimed for the difference."""

import pytest

from kopprod.domain import purchase_receipts
from kopprod.domain.purchase_receipts import Fault, Receipt, check_receipt, faults
from kopprod.domain.refusal import Refusal

SHORT, DAMAGED, MORE, PRICE = Fault


@pytest.mark.parametrize(
    ("good", "damaged", "invoiced_rp", "claim_rp", "found"),
    [
        (10, 0, 2_840_000, 0, []),
        (9, 0, 2_840_000, 284_000, [SHORT]),
        (9, 0, 2_556_000, 0, [SHORT]),
        (9, 1, 2_840_000, 284_000, [DAMAGED]),
        (12, 0, 3_408_000, 0, [MORE]),
        (12, 0, 2_840_000, 0, [MORE]),
        (10, 0, 2_900_000, 60_000, [PRICE]),
        (10, 0, 2_800_000, 0, [PRICE]),
        (8, 1, 2_900_000, 628_000, [SHORT, DAMAGED, PRICE]),
        (0, 0, 0, 0, [SHORT]),
        (0, 10, 2_840_000, 2_840_000, [DAMAGED]),
    ],
)
def test_of_ten_sacks_that_were_ordered(
    good: int, damaged: int, invoiced_rp: int, claim_rp: int, found: list[Fault]
) -> None:
    receipt = Receipt(10, 1, 284_000, good, damaged, invoiced_rp)

    check_receipt(receipt)
    assert (receipt.claim_rp, faults(receipt)) == (claim_rp, found)
    assert receipt.short - receipt.over == 10 - good - damaged
    assert receipt.goods_rp(claimed_rp=claim_rp) == invoiced_rp - claim_rp


def test_parts_of_a_pack_are_rounded_half_up() -> None:
    assert Receipt(1, 8, 100, good=3, damaged=5, invoiced_rp=100).owed_rp == 38


@pytest.mark.parametrize(
    ("receipt", "refusal"),
    [
        (Receipt(1, 1, 1, -1, 0, 1), purchase_receipts.CameBelowZero),
        (Receipt(1, 1, 1, 0, -1, 1), purchase_receipts.CameBelowZero),
        (Receipt(1, 1, 1, 1, 0, -1), purchase_receipts.InvoiceAbsurd),
        (Receipt(1, 1, 1, 1, 0, 10**12 + 1), purchase_receipts.InvoiceAbsurd),
    ],
)
def test_what_cannot_have_come(receipt: Receipt, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        check_receipt(receipt)
