"""What members buy together: each article with its portion, and whether it is subsidised."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.quantities import MOST, BaseUnit
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.subsidies import Fertiliser
from kopprod.domain.words import tidy
from kopprod.services import access, numbers
from kopprod.services.memory import hers_until_written
from kopprod.tables.needs import Need
from kopprod.tables.purchases import Article, PurchaseArticle


class ArticleKnown(Refusal):
    """A name that an article has already."""

    sentence = N_("There is an article named {name} already. Choose that one.")


class ArticleNameless(Refusal):
    """An article, or its portion, without a name."""

    sentence = N_("Please give the name of the article and what people call one portion of it.")


class PortionAbsurd(Refusal):
    """A portion of nothing."""

    sentence = N_("A portion of {amount} cannot be right. Look at the number again.")


class SubsidisedIsWeighed(Refusal):
    """The e-RDKK counts kilograms."""

    sentence = N_("Subsidised fertiliser is counted by weight. Choose kilogram or gram.")


class PortionInUse(Refusal):
    """What was wanted, ordered and handed out was counted in the portion as it is."""

    sentence = N_(
        "{article} is in purchases already, so its portion stays as it is. Write down another "
        "article beside it."
    )


class UnknownArticle(Refusal):
    """No article of that key, or one that is switched off."""

    sentence = N_("This article is not in the list. Choose another one.")


@hers_until_written
def articles(session: Session, *, all_of_them: bool = False) -> Sequence[Article]:
    """What can be bought together, by name; perhaps also what is switched off."""
    access.require(session, Action.PURCHASES_SEE)
    query = select(Article).order_by(col(Article.name))
    return session.exec(query if all_of_them else query.where(col(Article.active))).all()


def add_article(
    session: Session,
    *,
    name: str,
    base_unit: BaseUnit,
    portion: int,
    portion_word: str,
    fertiliser: Fertiliser | None = None,
) -> Article:
    """Take down a new article; `portion` base units are one portion, called `portion_word`."""
    access.require(session, Action.PURCHASES_CHANGE)
    numbers.wait_turn(session, "article")
    word = _word(portion_word)
    _check_portion(base_unit, portion, fertiliser)
    article = Article(
        name=_free_name(session, name),
        base_unit=base_unit,
        portion=portion,
        portion_word=word,
        fertiliser=fertiliser,
    )
    session.add(article)
    session.flush()
    return article


def change_article(
    session: Session,
    article_id: int,
    *,
    name: str,
    base_unit: BaseUnit,
    portion: int,
    portion_word: str,
    fertiliser: Fertiliser | None,
) -> Article:
    """Put an article right; what it is counted in only while no purchase and no need has it."""
    access.require(session, Action.PURCHASES_CHANGE)
    numbers.wait_turn(session, "article")
    article = _to_change(session, article_id)
    word = _word(portion_word)
    _check_portion(base_unit, portion, fertiliser)
    counted = (article.base_unit, article.portion, article.fertiliser)
    if counted != (base_unit, portion, fertiliser) and _is_used(session, article.id):
        raise PortionInUse(article=article.name)
    article.name, article.portion_word = _free_name(session, name, but=article.id), word
    article.base_unit, article.portion, article.fertiliser = base_unit, portion, fertiliser
    session.flush()
    return article


def switch_article(session: Session, article_id: int, *, active: bool) -> Article:
    """Offer an article for new purchases, or no longer; purchases that have it keep it."""
    access.require(session, Action.PURCHASES_CHANGE)
    article = _to_change(session, article_id)
    article.active = active
    session.flush()
    return article


def _check_portion(base_unit: BaseUnit, portion: int, fertiliser: Fertiliser | None) -> None:
    if not 0 < portion <= MOST:
        raise PortionAbsurd(amount=portion)
    if fertiliser is not None and base_unit is not BaseUnit.GRAM:
        raise SubsidisedIsWeighed


def _word(portion_word: str) -> str:
    word = tidy(portion_word)[:20]
    if not word:
        raise ArticleNameless
    return word


def _is_used(session: Session, article_id: int) -> bool:
    bought = select(PurchaseArticle.id).where(PurchaseArticle.article_id == article_id)
    needed = select(Need.id).where(Need.article_id == article_id)
    return any(session.exec(query).first() is not None for query in (bought, needed))


def _free_name(session: Session, name: str, *, but: int | None = None) -> str:
    name = tidy(name)[:80]
    if not name:
        raise ArticleNameless
    same = select(Article).where(func.lower(Article.name) == name.lower(), Article.id != but)
    if session.exec(same).first() is not None:
        raise ArticleKnown(name=name)
    return name


def _to_change(session: Session, article_id: int) -> Article:
    article = session.get(Article, article_id, with_for_update=True, populate_existing=True)
    if article is None:
        raise UnknownArticle
    return article
