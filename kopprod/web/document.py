"""Streamlit's HTML document, made ours: the person's language, our name, and the way out.

When the gate closes the socket of somebody who was signed out, the browser is left with the old
figures under a notice that it is connecting. One small script, before any of Streamlit's, empties
the page at that moment and goes to the sign-in page. Where the line itself breaks, Streamlit would
speak English in a dialog; ours says in the person's language that nothing is lost. A phone out of
reach is told by nobody that its line is dead: what is sent and not answered within twenty seconds
counts as a broken line, and Streamlit connects anew. A busy server gets twice the time each time.
The field that was being typed in loses its focus without telling Streamlit of it, so what stands in
it is handed in once the line is back.
"""

import re
from html import escape

from kopprod import style
from kopprod.domain.refusal import N_
from kopprod.language import gettext

SIGNED_OUT = 4401  # the close code that the gate and this script know

SCRIPT = """<script>(function(){
var Socket=window.WebSocket;
function leave(){try{document.body&&(document.body.innerHTML='')}finally{
document.documentElement.style.visibility='hidden';location.replace('/masuk?keluar=1')}}
var timer,patience,live,field,longest=20000,shown=document.documentElement.classList;
function back(){clearTimeout(timer);shown.remove('kp-lost')}
function gone(){clearTimeout(timer);timer=setTimeout(function(){shown.add('kp-lost')},1000)}
function hold(){var on=document.activeElement;if(on&&on.matches('input,textarea'))field=on}
function resume(){if(!field||!live)return;if(field.disabled)return setTimeout(resume,200);
var it=field;field=null;it.focus();it.blur()}
function heard(){clearTimeout(patience);patience=0;longest=20000}
window.WebSocket=class extends Socket{constructor(url,protocols){super(url,protocols);
if(String(url).indexOf('/_stcore/stream')<0)return;
this.addEventListener('open',function(){live=this;back();setTimeout(resume,200)});
this.addEventListener('message',heard);
this.addEventListener('close',function(event){if(event.code===4401)return leave();
if(live&&live!==this)return;live=null;clearTimeout(patience);patience=0;hold();gone()})}
send(said){super.send(said);var socket=this;if(live===socket&&!patience)patience=
setTimeout(function(){longest*=2;socket.dispatchEvent(new CloseEvent('close'))},longest)}};
addEventListener('offline',gone);addEventListener('online',function(){live&&back()});
addEventListener('pageshow',function(event){if(event.persisted)location.reload()});
})()</script>"""
STYLE = """<style>
#kp-lost{display:none;position:fixed;top:0;left:0;right:0;z-index:2147483647;margin:0;
padding:.8rem 1rem;background:#FEF3C7;color:#78350F;font:16px/1.4 system-ui,sans-serif}
.kp-lost #kp-lost{display:block}
.kp-lost [data-testid=stDialog]{display:none!important}
</style>"""
LOST = N_("The connection is broken. It comes back by itself, and nothing that was kept is lost.")
_STREAMLITS = 'id="root"'
NO_SCRIPT = N_("This page needs JavaScript. Please switch it on in your browser.")


def ours(page: bytes, language: str) -> bytes:
    """Rewrite Streamlit's document; pages of our own and of errors come back as they are."""
    text = page.decode("utf-8")
    if _STREAMLITS not in text:
        return page
    text = re.sub(r'<html lang="[^"]*">', f'<html lang="{language}" translate="no">', text, count=1)
    text = re.sub(r"<title>[^<]*</title>", "<title>KopProd</title>", text, count=1)
    # System fonts are used, so the font that Streamlit fetches first would be 170 kB for nothing.
    text = re.sub(r'<link\s+rel="preload"[^>]*SourceSans[^>]*/>', "", text, count=1)
    lost, no_script = escape(gettext(language, LOST)), escape(gettext(language, NO_SCRIPT))
    ours = f'<noscript>{no_script}</noscript><p id="kp-lost" role="status">{lost}</p>'
    text = re.sub(r"<noscript>.*?</noscript>", lambda _: ours, text, count=1, flags=re.DOTALL)
    text = text.replace("<body>", f"<body>{style.sheet()}", 1)
    # The words come first, so that those of another language, which a page may send, prevail.
    first = f"{SCRIPT}{STYLE}{style.words(language)}"
    return text.replace("<head>", f"<head>{first}", 1).encode("utf-8")
