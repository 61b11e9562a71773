"""What a member farms: it may stay empty, and is never nothing or a whole district."""

import pytest

from kopprod.domain.members import LandAbsurd, check_land
from kopprod.services import members
from tests import make
from tests.seasons import writing


@pytest.mark.parametrize("land_m2", [None, 1, 7_500, 10_000_000])
def test_land_as_it_is_farmed_is_kept(land_m2: int | None) -> None:
    assert check_land(land_m2) == land_m2


@pytest.mark.parametrize("land_m2", [0, -1, 10_000_001])
def test_land_that_cannot_be_is_refused(land_m2: int) -> None:
    with pytest.raises(LandAbsurd):
        check_land(land_m2)


def test_land_is_written_down_and_taken_back(coop: str) -> None:
    with writing(coop) as session:
        row = make.member(session, "Siti")
        assert members.change_member(session, row.id, land_m2=7_500).land_m2 == 7_500
        assert members.change_member(session, row.id, name="Siti Aminah").land_m2 == 7_500
        assert members.change_member(session, row.id, land_m2=None).land_m2 is None
