"""Products: what kinds there are."""

from enum import StrEnum


class ProductKind(StrEnum):
    """What a product is, for grouping and for the words on the screen."""

    CROP = "crop"
    MILK = "milk"
    FISH = "fish"
    LIVESTOCK = "livestock"
    CRAFT = "craft"
    PROCESSED = "processed"
