"""Streamlit's HTML document, made ours: the person's language, our name, and the way out.

When the gate closes the socket of somebody who was signed out, the browser is left with the old
figures under a notice that it is connecting. One small script, before any of Streamlit's, empties
the page at that moment and goes to the sign-in page.
"""

import re

SIGNED_OUT = 4401  # the close code that the gate and this script know

SCRIPT = """<script>(function(){
var Socket=window.WebSocket;
function leave(){try{document.body&&(document.body.innerHTML='')}finally{
document.documentElement.style.visibility='hidden';location.replace('/masuk?keluar=1')}}
window.WebSocket=class extends Socket{constructor(url,protocols){super(url,protocols);
if(String(url).indexOf('/_stcore/stream')>=0)
this.addEventListener('close',function(event){if(event.code===4401)leave()})}};
addEventListener('pageshow',function(event){if(event.persisted)location.reload()});
})()</script>"""


def ours(page: bytes, language: str) -> bytes:
    """Rewrite the document; the server's own pages of errors come back as they are."""
    text = page.decode("utf-8")
    text = re.sub(r'<html lang="[^"]*">', f'<html lang="{language}" translate="no">', text, count=1)
    text = re.sub(r"<title>[^<]*</title>", "<title>KopProd</title>", text, count=1)
    # System fonts are used, so the font that Streamlit fetches first would be 170 kB for nothing.
    text = re.sub(r'<link\s+rel="preload"[^>]*SourceSans[^>]*/>', "", text, count=1)
    return text.replace("<head>", f"<head>{SCRIPT}", 1).encode("utf-8")
