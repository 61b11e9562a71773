"""A form that was sent before."""

from kopprod.domain.refusal import N_, Refusal


class FormKeptOtherwise(Refusal):
    """The same form a second time with other figures: nothing may look kept that is not."""

    sentence = N_(
        "This form is kept already as {number}, with other figures. Look at {number} first; "
        "open the page again for a new form."
    )
