"""The look of every page, and our words where Streamlit has English ones of its own.

The sheet is part of the document (web/document.py), so no run of a page sends it again. It begins
the body: whatever Streamlit brings stands before it and yields to it; what a page brings of its
own, such as how it is printed, stands after it and prevails.
"""

from functools import cache

from kopprod.domain.refusal import N_
from kopprod.language import gettext

_STYLE = """
.block-container{padding-top:2.2rem;padding-bottom:6rem;max-width:76rem}
[class*=st-key-held_]{display:none!important}
h1{letter-spacing:-.01em}
.stButton button,.stFormSubmitButton button,.stDownloadButton button,
[data-testid=stButtonGroup] button{min-height:44px}
[data-testid=stButtonGroup] button{min-width:48px}
.stButton button[kind=primary],.stFormSubmitButton button[kind=primaryFormSubmit]{font-weight:600}
.kp-big{font-size:2rem;font-weight:700;line-height:1.2;font-variant-numeric:tabular-nums;margin:0}
.kp-label{color:#57534E;margin:0 0 .1rem}
.kp-note{color:#57534E;font-size:.95rem;margin:.1rem 0 0}
.kp-cards{display:flex;flex-direction:column;gap:.5rem}
.kp-card{border:1px solid #D6D3D1;border-radius:.5rem;padding:.6rem .8rem;display:flex;
 justify-content:space-between;gap:.8rem;align-items:baseline}
.kp-card b{display:block}.kp-card .kp-right{text-align:right;white-space:nowrap;font-weight:600;
 font-variant-numeric:tabular-nums}
.kp-right .kp-note{font-weight:400}.kp-card .kp-note{white-space:pre-line}
.kp-tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.6rem}
.kp-tile{border:1px solid #D6D3D1;border-radius:.5rem;padding:.6rem .8rem}
.kp-pair{display:grid;grid-template-columns:1fr 1fr;gap:.6rem;margin-top:.3rem}
.kp-tile .kp-big{font-size:1.4rem}
@media (max-width:26rem){.kp-tile.kp-wide{grid-column:1/-1}.kp-tile .kp-big{font-size:1.25rem}}
.kp-right.kp-long{white-space:normal;max-width:55%;overflow-wrap:anywhere}
.kp-scroll{overflow-x:auto;background:
 linear-gradient(90deg,#fff 1.5rem,#fff0) local,linear-gradient(-90deg,#fff 1.5rem,#fff0) local,
 linear-gradient(90deg,#0003,#0000 .8rem),linear-gradient(-90deg,#0003,#0000 .8rem)}
table.kp{border-collapse:collapse;width:100%;font-size:.95rem}
table.kp th{text-align:left;border-bottom:2px solid #A8A29E;padding:.35rem .6rem .35rem 0;
 color:#44403C;font-weight:600;vertical-align:bottom}
table.kp td{border-bottom:1px solid #E7E5E4;padding:.4rem .6rem .4rem 0;vertical-align:top}
table.kp .n{text-align:right;font-variant-numeric:tabular-nums}
table.kp td.n{white-space:nowrap}
table.kp td.n+td:not(.n),table.kp th.n+th:not(.n){padding-left:.9rem}
table.kp tr.sum td{border-top:2px solid #A8A29E;font-weight:700}
.kp-teal{color:#0F766E}.kp-amber{color:#B45309}.kp-red{color:#B91C1C}
[data-testid=stLayoutWrapper]:has(>.st-key-said){position:sticky;top:3.5rem;z-index:90}
[data-testid=stLayoutWrapper]:has(>.st-key-said:empty){display:none}
.st-key-said [data-testid=stAlert]{background:#fff;border-radius:.5rem}
[data-testid=stMain] [data-testid=stPageLink] a{min-height:44px;padding-left:0}
[data-testid=stMain] .st-key-waits [data-testid=stPageLink] a{padding-left:.5rem}
[data-testid=stMain] [data-testid=stPageLink] a,
[data-testid=stMain] [data-testid=stPageLink] a *{white-space:normal;overflow:visible}
[data-testid=stMain] [data-testid=stPageLink] a p{color:#0F766E;text-decoration:underline;
 text-underline-offset:3px}
.st-key-thumbs [data-testid=stPageLink] a p,.st-key-main_door a p,.st-key-waits a p
 {text-decoration:none!important}
@media (min-width:48rem){.st-key-thumbs{display:none}}
.st-key-thumbs a{min-height:44px;min-width:44px;justify-content:center}
@media (max-width:47.99rem){.block-container{padding-left:1rem;padding-right:1rem}
 [data-testid=stWidgetLabel] p,[data-testid=stCheckbox] p,[data-testid=stRadio] p,summary p,
 .stButton p,.stFormSubmitButton p,.stDownloadButton p,[data-testid=stButtonGroup] p,
 [data-testid=stPageLink] p,[data-testid=stLinkButton] p,[data-testid=stCaptionContainer] p,
 [data-testid=stMain] input,[data-testid=stMain] textarea,[data-testid=stSelectbox] div,
 [data-testid=stMultiSelect] div,[role=option]{font-size:1rem!important}}
@media (min-width:48rem){.block-container{padding-left:2.5rem;padding-right:2.5rem}}
.st-key-main_door a{background:#0F766E;justify-content:center;min-height:48px;border-radius:.5rem}
[data-testid=stMain] .st-key-main_door [data-testid=stPageLink] a p{color:#fff;font-weight:600}
.st-key-waits{gap:1rem}
h3.kp-chart{font-size:1.1rem;font-weight:600;line-height:1.35;margin:.6rem 0 0}
td .kp-note{display:block;font-size:.85rem}
.st-key-main_door>div,.st-key-main_door .stPageLink,.st-key-main_door a,
.st-key-waits>div,.st-key-waits .stPageLink{width:100%}
.st-key-waits a{border:1px solid #D6D3D1;border-radius:.5rem;min-height:48px;width:100%}
[class*=st-key-language_] button p{text-decoration:underline;text-underline-offset:3px}
a.kp-out{display:inline-flex;align-items:center;min-height:44px;color:#44403C}
@media print{header,[data-testid=stSidebar],.st-key-thumbs,.stButton,.stDownloadButton
 {display:none!important}}

/* Streamlit's own words: hidden, or put in ours. */
[data-testid=InputInstructions],[data-testid=stTooltipErrorContent]{display:none}
"""

NOTHING_FITS = N_("Nothing fits")
NO_SUCH_DAY = N_("This day cannot be chosen here. The one before it still counts.")


def sheet() -> str:
    """The look, the same in all languages."""
    return f"<style>{_STYLE}</style>"


@cache
def words(language: str) -> str:
    """Our words in this language, in place of Streamlit's."""
    nothing, no_day = (quoted(gettext(language, said)) for said in (NOTHING_FITS, NO_SUCH_DAY))
    return (
        "<style>[role=listbox][data-empty=true] span{font-size:0}"
        f"[role=listbox][data-empty=true] span::after{{content:{nothing};font-size:1rem}}"
        f"[data-testid=stDateInput]:has([data-has-error])::after{{content:{no_day};"
        "color:#B91C1C;display:block;margin-top:.25rem}</style>"
    )


def quoted(words: str) -> str:
    """Words as a string of a style sheet."""
    return '"' + words.replace("\\", "").replace('"', "").replace("<", "") + '"'
