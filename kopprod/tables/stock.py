"""What is in store: the deliveries of which something is still there."""

from sqlmodel import Field, SQLModel

from kopprod.tables.columns import BigKey


class StockLot(SQLModel, table=True):
    """A delivery that is in store: it stands, and not all of it was settled or lost.

    What is promised to an open sale is there still. How much it is has no figure here: it is added
    up from its sales and losses. Kept in the transaction that receives, settles, loses or takes
    back, so that whoever asks what is there need not look through all that ever came.
    """

    __tablename__ = "stock_lot"

    delivery_id: int = Field(primary_key=True, foreign_key="delivery.id", sa_type=BigKey)
