"""What the pages look like: Slack's layout in light and dark, and the beacon that is Bongsu's avatar."""

_FIRE = (
    '<path d="M18 5c1 5 8 8 8 15a8 8 0 0 1-16 0c0-3 1.5-5 3-6.5 0 2 1 3 2 3 0-4 1-8 3-11.5z" fill="#ff9d2e"/>'
    '<path d="M18 15c.6 3 4 4 4 7.5a4 4 0 0 1-8 0c0-3 3-4 4-7.5z" fill="#ffe29a"/>'
)
FLAME = (
    '<svg viewBox="0 0 36 36" aria-hidden="true"><rect width="36" height="36" rx="8" fill="#7a1f1f"/>'
    f'{_FIRE}<path d="M9 30l2-3h14l2 3z" fill="#d9c7b8"/></svg>'
)
FIRE = f'<svg viewBox="8 5 20 24" aria-hidden="true">{_FIRE}</svg>'  # the emoji: no square, no hearth

_LIGHT = (
    "--page:#fff;--text:#1d1c1d;--soft:#616061;--line:#dddddd;--code:#f8f8f8;--codeline:#e0e0e0;--inline:#c01343;"
    "--link:#1264a3;--mention:#e8f5fa;--loud:#fdf2d0;--loudtext:#1264a3;--button:#fff;"
    "--buttonline:#bcbcbc;--primary:#007a5a;--danger:#e01e5a;--nav:#4a154b;--navtext:#e8dce8;--phone:#f2f2f4"
)
_DARK = (
    "--page:#1a1d21;--text:#d1d2d3;--soft:#9a9b9e;--line:#3b3e43;--code:#222529;--codeline:#393c41;--inline:#e8912d;"
    "--link:#1d9bd1;--mention:#1b2a33;--loud:#4a3f1f;--loudtext:#e8c35a;--button:#1a1d21;"
    "--buttonline:#565856;--primary:#007a5a;--danger:#e01e5a;--nav:#19171d;--navtext:#bcabbc;--phone:#2c2d30"
)

CSS = (
    f"""
:root{{color-scheme:light;{_LIGHT}}}
@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{_DARK}}}}}
:root[data-theme=dark]{{color-scheme:dark;{_DARK}}}
"""
    """
*{box-sizing:border-box}
body{margin:0;display:flex;min-height:100vh;background:var(--page);color:var(--text);
font:15px/1.46668 Lato,"Helvetica Neue",Arial,"Noto Sans CJK KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif}
nav{flex:0 0 200px;background:var(--nav);color:var(--navtext);padding:16px 0}
nav h1{display:flex;align-items:center;gap:8px;margin:0 16px 16px;font-size:16px;line-height:1.2;color:#fff}
nav svg{width:26px;flex:none}
nav ul{list-style:none;margin:0;padding:0}
nav a{display:block;padding:3px 16px;color:inherit;text-decoration:none}
nav li{margin:0}
nav li:first-child a{background:#ffffff22;color:#fff;font-weight:700}
main{flex:1;min-width:0;padding-bottom:24px}
h2{position:sticky;top:0;margin:0;padding:13px 20px;font-size:17px;line-height:1.3;background:var(--page);
border-bottom:1px solid var(--line);z-index:1}
.hash{opacity:.65;font-weight:400}
article{display:flex;gap:8px;padding:8px 20px}
.avatar{flex:0 0 36px}
.avatar svg{width:36px;height:36px;display:block}
.body{min-width:0;flex:1;max-width:760px}
header{display:flex;align-items:baseline;gap:5px;line-height:1.46668}
header b{font-weight:900}
.badge{font-size:10px;font-weight:700;line-height:14px;padding:0 3px;border-radius:2px;background:var(--line);
color:var(--soft)}
time,.soft{font-size:12px;color:var(--soft)}
p,.text,.fields,.inside,.context,td{overflow-wrap:anywhere}
p{margin:0}
h3{margin:0;font-size:18px;line-height:1.33334;font-weight:900}
pre{margin:4px 0;padding:8px;border:1px solid var(--codeline);border-radius:4px;background:var(--code);
white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4}
pre,code{font:12px/1.50001 Monaco,Menlo,Consolas,"DejaVu Sans Mono","Noto Sans Mono CJK KR",monospace}
code{padding:2px 3px 1px;border:1px solid var(--codeline);border-radius:3px;background:var(--code);
color:var(--inline);overflow-wrap:anywhere}
ul,ol{margin:0;padding-left:28px}
li{padding-left:0}
li::marker{color:var(--text)}
.turn-1{list-style-type:circle}.turn-2{list-style-type:square}
ol.turn-1{list-style-type:lower-alpha}ol.turn-2{list-style-type:lower-roman}
.indent-1{margin-left:28px}.indent-2{margin-left:56px}.indent-3{margin-left:84px}.indent-4{margin-left:112px}
.indent-5{margin-left:140px}.indent-6{margin-left:168px}.indent-7{margin-left:196px}.indent-8{margin-left:224px}
.bordered{border-left:4px solid var(--line);border-radius:0}
blockquote{margin:4px 0;padding-left:12px;position:relative}
blockquote.bordered{border-left:0}
blockquote::before{content:"";position:absolute;left:0;top:0;bottom:0;width:4px;border-radius:8px;
background:var(--line)}
hr{border:0;border-top:1px solid var(--line);margin:0}
table{border-collapse:collapse;max-width:100%}
td{border:1px solid var(--line);padding:8px 12px;vertical-align:top}
tr:first-child td{font-weight:700}
.center{text-align:center}.right{text-align:right}
a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
mark{background:var(--loud);color:inherit}
.mention{background:var(--mention);color:var(--link);border-radius:3px;padding:0 2px 1px}
.loud{background:var(--loud);color:var(--loudtext)}
.swatch{width:12px;height:12px;margin-left:4px;border-radius:3px;vertical-align:-1px}

.block{max-width:600px;margin:4px 0 8px}
.block:last-child{margin-bottom:4px}
.block.header{margin:8px 0}
.block.divider{margin:12px 0}
.block.rich_text,.block.table,.block.data_table,.block.markdown{max-width:none}
.block.outline{padding:8px 12px;border:1px solid var(--line);border-radius:8px}
.block.section{display:flex;gap:16px}
.main{flex:1;min-width:0}
.accessory{flex:none;max-width:50%}
.fields{display:grid;grid-template-columns:1fr 1fr;row-gap:8px}
.fields>div{min-width:0;padding-right:16px}
.fields>.wide{grid-column:1/-1}
.text+.fields{margin-top:8px}
.context{display:flex;flex-wrap:wrap;align-items:center;gap:4px 8px;font-size:13px;line-height:1.38463;
color:var(--soft)}
.context>span{min-width:0}
.actions{display:flex;flex-wrap:wrap;gap:8px}
.button{display:inline-block;min-width:56px;padding:0 12px;border:1px solid var(--buttonline);border-radius:8px;
background:var(--button);color:var(--text);font-size:13px;font-weight:700;line-height:26px;text-align:center;
max-width:100%;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;vertical-align:top}
.primary{background:var(--primary);border-color:var(--primary);color:#fff}
.danger{background:var(--danger);border-color:var(--danger);color:#fff}
.menu{font-weight:400}
.overflow{min-width:28px;padding:0 6px}
.picture{display:flex;align-items:center;justify-content:center;padding:8px;border:1px solid var(--line);
border-radius:8px;background:var(--code);color:var(--soft);font-size:12px;line-height:1.3;text-align:center;
overflow:hidden;overflow-wrap:anywhere}
.large{max-width:360px;height:160px;margin-top:4px}
.thumb{width:88px;height:88px}
.tiny{width:20px;height:20px;padding:0;border-radius:2px;font-size:6px}
.attachment{position:relative;max-width:680px;margin:4px 0 8px;padding-left:16px}
.inside{min-width:0;padding:2px 0}
.inside .block:first-child{margin-top:0}
.bar{position:absolute;left:0;top:0;width:4px;height:100%;border-radius:8px}
.bar rect{width:100%;height:100%}
.bar rect:not([fill]){fill:var(--line)}
.attachment .fields{font-size:15px}
.author{font-size:13px;font-weight:700}
.footer{margin-top:4px;font-size:12px;color:var(--soft)}
.fold{display:flex;flex-direction:column-reverse}
.folded{max-height:116px;overflow:hidden}
.fold>details[open]+.folded{max-height:none}
summary{list-style:none;cursor:pointer;color:var(--link);font-size:13px}
summary::-webkit-details-marker{display:none}
summary::before{content:"Show more"}
[open]>summary::before{content:"Show less"}
.phone{display:flex;gap:10px;width:358px;max-width:100%;padding:12px 14px;border-radius:18px;background:var(--phone);
font-size:14px;line-height:1.3}
.phone header{justify-content:space-between;line-height:1.3}
.phone .avatar{flex:0 0 32px}
.phone .avatar svg{width:32px;height:32px}
.told{display:-webkit-box;-webkit-line-clamp:4;-webkit-box-orient:vertical;overflow:hidden;overflow-wrap:anywhere}
.told b{font-weight:400}.told em{font-style:normal}.told s{text-decoration:none}.told blockquote::before{content:none}
.told a,.told code,.told pre,.told blockquote,.told .mention{all:unset}

.dot{display:inline-block;width:.88em;height:.88em;border-radius:50%;vertical-align:-.06em;background:#c9c9c9}
.red{background:radial-gradient(circle at 35% 30%,#ff6f61,#d91e2a 70%)}
.yellow{background:radial-gradient(circle at 35% 30%,#ffe27a,#f2b705 70%)}
.green{background:radial-gradient(circle at 35% 30%,#7be0a2,#1ea664 70%)}
.blue{background:radial-gradient(circle at 35% 30%,#7bb8f5,#1d74d1 70%)}
.flame svg{width:1em;height:1.1em;vertical-align:-.2em}
.warn{display:inline-block;width:1.2em;height:1.2em;border-radius:3px;background:#daa038;color:#fff;
font:700 .85em/1.25 sans-serif;text-align:center}
@media (max-width:640px){nav{display:none}article{padding:10px 12px 6px}h2{padding:12px}}
"""
)
