"""What the local page looks like: Slack's layout in light and dark, and the beacon that is its avatar."""

FLAME = (
    '<svg viewBox="0 0 36 36" aria-hidden="true"><rect width="36" height="36" rx="8" fill="#7a1f1f"/>'
    '<path d="M18 5c1 5 8 8 8 15a8 8 0 0 1-16 0c0-3 1.500-5 3-6.500 0 2 1 3 2 3 0-4 1-8 3-11.500z" fill="#ff9d2e"/>'
    '<path d="M18 15c.6 3 4 4 4 7.500a4 4 0 0 1-8 0c0-3 3-4 4-7.500z" fill="#ffe29a"/>'
    '<path d="M9 30l2-3h14l2 3z" fill="#d9c7b8"/></svg>'
)

CSS = """
:root{color-scheme:light dark;--page:#fff;--text:#1d1c1d;--soft:#616061;--line:#dddddd;--code:#f7f7f8;
--codeline:#e3e3e6;--inline:#c01343;--link:#1264a3;--mention:#fdf2d0;--nav:#4a154b;--navtext:#e8dce8}
@media (prefers-color-scheme:dark){:root{--page:#1a1d21;--text:#d1d2d3;--soft:#9a9b9e;--line:#3b3e43;--code:#222529;
--codeline:#393c41;--inline:#e8912d;--link:#1d9bd1;--mention:#4a3f1f;--nav:#19171d;--navtext:#bcabbc}}
*{box-sizing:border-box}
body{margin:0;display:flex;min-height:100vh;background:var(--page);color:var(--text);
font:15px/1.46668 Lato,"Helvetica Neue",Arial,"Noto Sans CJK KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif}
nav{flex:0 0 200px;background:var(--nav);color:var(--navtext);padding:16px 0}
nav h1{display:flex;align-items:center;gap:8px;margin:0 16px 16px;font-size:16px;line-height:1.2;color:#fff}
nav svg{width:26px;flex:none}
nav ul{list-style:none;margin:0;padding:0}
nav a{display:block;padding:3px 16px;color:inherit;text-decoration:none}
nav li:first-child a{background:#ffffff22;color:#fff;font-weight:700}
main{flex:1;min-width:0;padding-bottom:24px}
h2{position:sticky;top:0;margin:0;padding:13px 20px;font-size:17px;line-height:1.3;background:var(--page);
border-bottom:1px solid var(--line);z-index:1}
.hash{opacity:.65;font-weight:400}
article{display:flex;gap:9px;padding:10px 20px 6px}
.avatar{flex:0 0 36px}
.avatar svg{width:36px;height:36px;display:block}
.body{min-width:0;flex:1;max-width:760px}
header{display:flex;align-items:baseline;gap:6px;line-height:1.3}
header b{font-weight:900}
.badge{font-size:10px;font-weight:700;line-height:14px;padding:0 3px;border-radius:2px;background:var(--line);
color:var(--soft)}
time{font-size:12px;color:var(--soft)}
p{margin:3px 0;overflow-wrap:anywhere}
h3{margin:6px 0;font-size:18px;line-height:1.3}
pre{margin:5px 0;padding:8px 10px;border:1px solid var(--codeline);border-radius:4px;background:var(--code);
font:12px/1.5 Monaco,Menlo,Consolas,"DejaVu Sans Mono","Noto Sans Mono CJK KR",monospace;
white-space:pre-wrap;overflow-wrap:anywhere}
code{padding:1px 3px;border:1px solid var(--codeline);border-radius:3px;background:var(--code);color:var(--inline);
font:12px/1.5 Monaco,Menlo,Consolas,"DejaVu Sans Mono","Noto Sans Mono CJK KR",monospace;overflow-wrap:anywhere}
ul,ol{margin:4px 0;padding-left:24px}
li{margin:2px 0;overflow-wrap:anywhere}
nav li{margin:0}
blockquote{margin:4px 0;padding-left:12px;border-left:4px solid var(--line)}
hr{border:0;border-top:1px solid var(--line);margin:10px 0}
table{border-collapse:collapse;margin:6px 0}
td{border:1px solid var(--line);padding:3px 9px}
a{color:var(--link);text-decoration:none}
.context{font-size:12.500px;color:var(--soft);margin:5px 0}
.mention{background:var(--mention);border-radius:3px;padding:0 2px}
.button{display:inline-block;padding:3px 11px;border:1px solid var(--line);border-radius:4px;font-size:13px;
font-weight:700}
.attachment{display:flex;gap:12px;margin:6px 0 4px}
.attachment>div{flex:1;min-width:0}
.bar{flex:0 0 4px;border-radius:8px}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:7px 16px;margin:4px 0;overflow-wrap:anywhere}
.fields div{min-width:0;line-height:1.4}
.fields+.fields{margin-top:7px}
.dot{display:inline-block;width:.88em;height:.88em;border-radius:50%;vertical-align:-.06em;background:#c9c9c9}
.red{background:radial-gradient(circle at 35% 30%,#ff6f61,#d91e2a 70%)}
.yellow{background:radial-gradient(circle at 35% 30%,#ffe27a,#f2b705 70%)}
.green{background:radial-gradient(circle at 35% 30%,#7be0a2,#1ea664 70%)}
.blue{background:radial-gradient(circle at 35% 30%,#7bb8f5,#1d74d1 70%)}
.flame svg{width:1.100em;height:1.100em;vertical-align:-.2em}
.warn{display:inline-block;width:1.200em;height:1.200em;border-radius:3px;background:#daa038;color:#fff;
font:700 .85em/1.250 sans-serif;text-align:center}
@media (max-width:640px){nav{display:none}article{padding:10px 12px 6px}h2{padding:12px}}
"""
