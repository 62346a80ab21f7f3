"""The page's stylesheet: light and dark, phone and desk, screen and paper."""

from __future__ import annotations

CSS = """
:root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#1d2126;--soft:#616a75;--line:#e2dfd8;
--quiet:#f1efe9;--link:#0b62a8;--ok:#2f8f5b;--warn:#c98a0a;--bad:#cf3d37;--back:#8358b5;--hand:#2f74c0;
--none:#b9b6ae;--wait:#d9cfae;--check:#8cc3a3}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--card:#1b1f25;--ink:#e4e7ea;--soft:#98a2ad;
--line:#2c323a;--quiet:#22272e;--link:#6cb6ff;--ok:#46b277;--warn:#e0a526;--bad:#f0655e;--back:#ac86dd;
--hand:#5b9fe8;--none:#565d66;--wait:#5d563c;--check:#2f6b4b}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",
Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main{max-width:1120px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:27px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:18px;margin:38px 0 12px;padding-top:4px}
h3{font-size:15px;margin:18px 0 6px}
p{margin:6px 0}
a{color:var(--link)}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
font-size:12.5px}
pre{margin:6px 0 10px;padding:9px 12px;background:var(--quiet);border-radius:6px;overflow-x:auto;
white-space:pre-wrap;line-height:1.45}
.soft{color:var(--soft)}
.small{font-size:13px}
.num{font-variant-numeric:tabular-nums}
.badge{display:inline-block;padding:1px 9px;border-radius:99px;font-size:12.5px;font-weight:600;
white-space:nowrap;border:1px solid currentColor}
.big{font-size:15px;padding:3px 14px;color:#fff;border-color:transparent}
.t-ok{color:var(--ok)}.t-warn{color:var(--warn)}.t-bad{color:var(--bad)}.t-back{color:var(--back)}
.t-hand{color:var(--hand)}.t-none{color:var(--soft)}
.b-ok{background:#2b8453}.b-bad{background:#c23832}.b-none{background:#6b7480}
.head{display:flex;gap:14px;align-items:flex-start;justify-content:space-between;flex-wrap:wrap}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;background:var(--line);
border:1px solid var(--line);border-radius:10px;overflow:hidden;margin:20px 0 0}
.facts div{background:var(--card);padding:10px 14px}
.facts dt{font-size:12px;color:var(--soft)}
.facts dd{margin:0;font-weight:600}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px;margin:10px 0}
.alarm{border-left:4px solid var(--bad)}
ul{margin:6px 0;padding-left:20px}
li{margin:3px 0}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;font-weight:600;font-size:12px;color:var(--soft)}
th,td{padding:6px 10px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
.scroll{overflow-x:auto}
td.num{white-space:nowrap}
.row{display:grid;grid-template-columns:minmax(150px,290px) 1fr;gap:12px;align-items:center;min-height:22px}
.row+.row{border-top:1px solid var(--quiet)}
.label{font-size:13px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
svg{display:block;width:100%}
.bar{height:14px}
.axis{height:30px;font-size:11px}
.axis text{fill:var(--soft)}
.s-ok{fill:var(--ok)}.s-warn{fill:var(--warn)}.s-bad{fill:var(--bad)}.s-back{fill:var(--back)}
.s-hand{fill:var(--hand)}.s-none{fill:var(--none);opacity:.85}.s-faint{fill:var(--none);opacity:.18}
.s-wait{fill:var(--wait)}.s-check{fill:var(--check)}.s-break{fill:var(--quiet)}
.s-track{fill:var(--quiet);opacity:.55}
.s-cut{stroke:var(--card);stroke-width:1.5}
.s-tick{stroke:var(--line)}
.plot{position:relative;padding:6px 0}
.ends{position:absolute;inset:4px auto 4px 0;display:flex;flex-direction:column;
justify-content:space-between;font-size:10.5px;line-height:1;pointer-events:none}
.ends span{background:var(--card);padding:1px 3px;border-radius:3px;opacity:.85}
.chart{height:60px;overflow:visible}
.s-line{fill:none;stroke:var(--hand);stroke-width:1.6;vector-effect:non-scaling-stroke}
.s-band{fill:var(--hand);opacity:.22}
.beyond{opacity:.22}.missing{opacity:.7}
.limit{stroke-width:1.2;stroke-dasharray:5 4;vector-effect:non-scaling-stroke}
.l-warn{stroke:var(--warn)}.l-bad{stroke:var(--bad)}
.mark{font-size:11px;font-weight:700;fill:#fff}
.m-none{fill:var(--ink)}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:12.5px;color:var(--soft);margin:10px 0 0}
.legend svg{display:inline-block;width:11px;height:11px;margin-right:5px;vertical-align:-1px}
.matrix .row{grid-template-columns:minmax(120px,220px) 1fr;min-height:20px}
.matrix .bar{height:17px}
details{border-bottom:1px solid var(--line)}
summary{cursor:pointer;padding:8px 0;display:grid;grid-template-columns:34px 1fr auto;gap:4px 10px;
align-items:baseline;list-style:none}
summary::-webkit-details-marker{display:none}
summary .n{color:var(--soft);text-align:right}
summary .n::before{content:"\\25B8";margin-right:5px;font-size:10px}
details[open]>summary .n::before{content:"\\25BE"}
summary .meta{grid-column:2/-1;color:var(--soft);font-size:13px}
.inside{padding:0 0 14px 44px}
.decision{display:grid;grid-template-columns:78px 1fr;gap:2px 12px;padding:9px 0;
border-bottom:1px solid var(--line)}
.why{border-left:3px solid var(--line);padding-left:10px;margin:4px 0;white-space:pre-line}
footer{margin-top:44px;color:var(--soft);font-size:12.5px}
@media (max-width:640px){
main{padding:18px 14px 40px}
h1{font-size:22px}
.facts{grid-template-columns:1fr 1fr}
.row,.matrix .row{grid-template-columns:1fr;gap:2px;padding:4px 0}
.label{white-space:normal}
.inside{padding-left:0}
.decision{grid-template-columns:1fr}
.wide{display:none}
summary{grid-template-columns:30px 1fr}
summary .badge{grid-column:2;justify-self:start}
}
@media print{
:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;--quiet:#f3f3f3}
body{font-size:11px}
main{max-width:none;padding:0}
details::details-content{content-visibility:visible;block-size:auto}
.card,.row,.decision,tr,pre{break-inside:avoid}
h2{break-after:avoid}
a{color:inherit;text-decoration:none}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
"""
