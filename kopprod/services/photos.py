"""Photos of machines and of what broke on them, kept small."""

from sqlmodel import Session

from kopprod import pictures
from kopprod.domain.access import Action
from kopprod.services import access
from kopprod.tables.equipment import Photo


def add_photo(session: Session, picture: bytes) -> Photo:
    """A photo for another paper of machines, which asks for permission itself."""
    photo = Photo(png=pictures.as_photo(picture))
    session.add(photo)
    session.flush()
    return photo


def photo(session: Session, photo_id: int | None) -> bytes | None:
    """A photo by its key, or nothing."""
    access.require(session, Action.EQUIPMENT_SEE)
    row = None if photo_id is None else session.get(Photo, photo_id)
    return None if row is None else row.png
