"""Loads that are not taken: recorded once, seen by whom they concern, never in store."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from kopprod import db
from kopprod.domain import rejections as rules
from kopprod.domain.access import NotAllowed
from kopprod.domain.deliveries import NothingWeighed, NotYetReceived
from kopprod.services import check, deliveries, delivery_drafts, rejections
from kopprod.tables.rejections import RejectedLoad
from tests import make
from tests.test_deliveries import KG, Scale


@pytest.fixture
def scale(coop: str) -> Scale:
    return Scale(coop)


def reject(session: Session, scale: Scale, **changed: Any) -> RejectedLoad:
    what: dict[str, Any] = {
        "member_id": scale.ayu_id,
        "product_id": scale.paddy,
        "reason": " terlalu  basah ",
        "brought_on": make.TODAY,
        "on": make.TODAY,
        "gross": 50 * KG,
    }
    return rejections.reject(session, **(what | changed))


def test_a_reason_is_needed() -> None:
    assert rules.check_reason(" bau  apek ") == "bau apek"
    with pytest.raises(rules.RejectionNeedsReason):
        rules.check_reason("  ")


def test_a_rejected_load_is_recorded_and_never_in_store(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        key = delivery_drafts.open_draft(session, at=make.AT).draft_key
        load = reject(session, scale, draft_key=key)
        assert reject(session, scale, draft_key=key).id == load.id
        assert delivery_drafts.draft(session) is None
        (row,) = rejections.rejected(session, since=make.TODAY)
        assert deliveries.in_store(session) == []
        assert rejections.rejected(session, since=make.TODAY, product_id=scale.coffee) == []
        assert rejections.rejected(session, since=make.SINCE, until=make.TODAY) == []
    assert (row.load.number, row.load.reason) == ("TOLAK-2026-0001", "terlalu basah")
    assert (row.member, row.product, row.load.gross) == ("Ayu", "Gabah", 50 * KG)
    with db.reading(scale.coop) as session:
        assert [*check.problems(session)] == []


def test_a_form_is_either_received_or_rejected(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        scale.receive(session, draft_key="one")
        reject(session, scale, draft_key="two")
    with pytest.raises(rules.LoadReceivedAlready), scale.acting(scale.oman) as session:
        reject(session, scale, draft_key="one")
    with pytest.raises(rules.LoadRejectedAlready), scale.acting(scale.oman) as session:
        scale.receive(session, draft_key="two")


def test_what_cannot_be_is_refused(scale: Scale) -> None:
    cases: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"member_id": 999}, NotAllowed),
        ({"gross": 0}, NothingWeighed),
        ({"brought_on": make.TODAY + timedelta(days=1)}, NotYetReceived),
        ({"reason": ""}, rules.RejectionNeedsReason),
    ]
    for changed, refusal in cases:
        with pytest.raises(refusal), scale.acting(scale.oman) as session:
            reject(session, scale, **changed)


def test_a_member_sees_her_own_only(scale: Scale) -> None:
    with scale.acting(scale.oman) as session:
        reject(session, scale, gross=None)
        reject(session, scale, member_id=scale.budi_id)
    with db.reading(scale.coop, person=scale.ayu) as session:
        assert [r.member for r in rejections.rejected(session, since=make.TODAY)] == ["Ayu"]
        with pytest.raises(NotAllowed):
            rejections.rejected(session, since=make.TODAY, member_id=scale.budi_id)
        with pytest.raises(NotAllowed):
            reject(session, scale)
