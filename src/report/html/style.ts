/** The style of a page: light and dark, narrow and wide, on paper. No attribute in the markup carries style. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--soft:#f5f6f8;--line:#dfe3e8;--text:#1c2128;--dim:#57606a;--link:#0a58b8;--focus:#0a58b8;
--good:#116329;--good-bg:#e9f6ec;--good-line:#9fd3ac;--warn:#7a4a00;--warn-bg:#fdf3dc;--warn-line:#e3c47a;--bad:#a81f1f;--bad-bg:#fdeeee;--bad-line:#ecb0b0;--calm:#3b4653;--calm-bg:#eceff3;--calm-line:#cfd6de;
--add:#e6f6ea;--add-m:#b4e5c0;--del:#fdecec;--del-m:#f6c4c4;--none:#f5f6f8;
--yk:#0b4a9c;--ys:#0f5a3c;--yn:#7a3e00;--yc:#5b6570;--ya:#7a2f8a;
--f-deleted:#b3261e;--f-recreated:#b3261e;--f-unknown:#8a5a00;--f-orphaned:#8a5a00;--f-moved:#6b3fa0;--f-adopted:#0a58b8;--f-created:#1a7f37;--f-kept:#5d6875;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#0f1318;--soft:#161b22;--line:#2b323c;--text:#e3e8ee;--dim:#9ba6b2;--link:#86b7ff;--focus:#86b7ff;
--good:#7ad391;--good-bg:#11261a;--good-line:#2c5a3b;--warn:#e9c46a;--warn-bg:#282111;--warn-line:#5c4a1d;--bad:#ff9d96;--bad-bg:#2e1618;--bad-line:#6b2f31;--calm:#b7c1cc;--calm-bg:#1d242d;--calm-line:#37414d;
--add:#11271a;--add-m:#1f5232;--del:#2d1719;--del-m:#64292c;--none:#13181e;
--yk:#8fbcff;--ys:#8fd8ae;--yn:#f0b27a;--yc:#97a3af;--ya:#d7a5e8;
--f-deleted:#ff8a80;--f-recreated:#ff8a80;--f-unknown:#e0b04c;--f-orphaned:#e0b04c;--f-moved:#c39bf0;--f-adopted:#79b0ff;--f-created:#63cc81;--f-kept:#8d99a6}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.55 var(--sans)}
.wrap{max-width:1320px;margin:0 auto;padding:0 28px}
h1,h2,h3,h4,p,dl,ul,ol,figure{margin:0}
h1{font-size:30px;line-height:1.2;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:21px;line-height:1.3;font-weight:620;letter-spacing:-.005em;margin:0 0 14px}
h2 span{font-size:14px;font-weight:400;color:var(--dim);letter-spacing:0;margin-left:6px}
h3{font-size:15px;line-height:1.45;font-weight:620}
h4,.list-head{font-size:14px;font-weight:620;margin:18px 0 8px}
a{color:var(--link)}
code,pre{font-family:var(--mono);font-size:.875em;overflow-wrap:anywhere;unicode-bidi:isolate}
pre{white-space:pre-wrap;margin:8px 0 0}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-999px}.skip:focus{left:12px;top:12px;background:var(--bg);padding:6px 12px;z-index:9}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.js{display:none}.live .js{display:revert}
.top{background:var(--soft);border-bottom:1px solid var(--line);border-top:5px solid var(--calm-line)}
.top.good{border-top-color:var(--f-created)}.top.warn{border-top-color:var(--f-unknown)}.top.bad{border-top-color:var(--f-deleted)}
.top .wrap{padding-top:26px;padding-bottom:26px}
.brand{font-weight:650;color:var(--dim);font-size:14px;margin-bottom:14px}.brand span{font-weight:400;margin-left:6px}
.good h1{color:var(--good)}.warn h1{color:var(--warn)}.bad h1{color:var(--bad)}
.says{font-size:17px;margin-top:6px;max-width:68ch;overflow-wrap:anywhere}
.facts{display:flex;flex-wrap:wrap;gap:10px 36px;margin-top:20px}
.facts dt{font-size:12.5px;color:var(--dim)}.facts dd{margin:0;overflow-wrap:anywhere}
.todo{margin-top:20px;padding-top:16px;border-top:1px solid var(--line);display:flex;flex-wrap:wrap;gap:6px 12px;align-items:baseline}
.todo .cmd{background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:4px 10px}
.cmd{user-select:all}
.body{display:grid;grid-template-columns:190px minmax(0,1fr);gap:44px;padding-top:30px}
nav{font-size:14px}nav ul{list-style:none;padding:0;position:sticky;top:24px}nav li{padding:4px 0;line-height:1.35}
nav a{color:var(--text);text-decoration:none}nav a:hover{text-decoration:underline}nav span{display:block;color:var(--dim);font-size:12.5px;overflow-wrap:anywhere}
main>section{padding-bottom:44px}
footer{color:var(--dim);font-size:13px;padding-top:18px;padding-bottom:32px;border-top:1px solid var(--line)}
.badge{display:inline-block;font-size:12px;font-weight:600;line-height:1.5;padding:0 8px;border-radius:99px;border:1px solid;white-space:nowrap}
.badge.good{color:var(--good);background:var(--good-bg);border-color:var(--good-line)}.badge.warn{color:var(--warn);background:var(--warn-bg);border-color:var(--warn-line)}
.badge.bad{color:var(--bad);background:var(--bad-bg);border-color:var(--bad-line)}.badge.calm{color:var(--calm);background:var(--calm-bg);border-color:var(--calm-line)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:16px}
.card{border:1px solid var(--line);border-radius:10px;padding:16px 18px;min-width:0}
.card h3{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center;overflow-wrap:anywhere}
.card dl{display:grid;grid-template-columns:auto minmax(0,1fr);gap:4px 16px;margin-top:12px;font-size:14px}
.card dt{color:var(--dim)}.card dd{margin:0;overflow-wrap:anywhere}
.place{color:var(--dim)}.card .place{display:block}
.finding{border:1px solid var(--line);border-left:4px solid var(--calm-line);border-radius:8px;padding:14px 18px;margin-bottom:14px;overflow-wrap:anywhere}
.finding.bad{border-left-color:var(--f-deleted)}.finding.warn{border-left-color:var(--f-unknown)}
.group .finding{border-width:0 0 0 4px;border-radius:0;padding:2px 16px;margin:10px 0}.finding>*{max-width:92ch}.finding p,.finding .next{margin-top:6px}
.spots{padding-left:20px;margin-top:6px}.spots li{margin:4px 0}.patches{margin-top:18px}.about{font-size:13.5px;color:var(--dim)}.rule{color:var(--dim);font-size:13px}.why{color:var(--dim)}
.next>b,.expect>b,.plain b{font-weight:620}
.code{background:var(--soft);border:1px solid var(--line);border-radius:8px;padding:10px 14px;line-height:1.5}
.group{border:1px solid var(--line);border-radius:8px;padding:0 18px;margin:14px 0 0}
.group[open]{padding-bottom:16px}.group>summary{padding:10px 0}
summary{cursor:pointer}.group>summary{font-weight:550}
.plain{list-style:none;padding:0}.plain>li{padding:10px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}.plain p{margin-top:4px;max-width:92ch}
#objects h3{margin:20px 0 4px}#objects h3:first-child{margin-top:0}
.filter{margin:4px 0 12px;grid-template-columns:minmax(220px,340px) 1fr;gap:10px 16px;align-items:center}.live .filter{display:grid}
.filter label{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
input[type=search]{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--dim);border-radius:8px;padding:6px 12px;width:100%}
.filter div{display:flex;flex-wrap:wrap;gap:6px}
button{font:inherit;font-size:13.5px;color:var(--text);background:var(--bg);border:1px solid var(--line);border-radius:99px;padding:3px 12px;cursor:pointer}
button:hover{border-color:var(--dim)}
.chip b{font-weight:500;color:var(--dim)}.chip[aria-pressed=false]{background:var(--soft);color:var(--dim);text-decoration:line-through;border-style:dashed}
.chip i,.fate i{display:inline-block;width:9px;height:9px;border-radius:50%;margin-right:7px;background:currentColor}
output{grid-column:1/-1;color:var(--dim);font-size:13.5px}
.f-deleted i{color:var(--f-deleted)}.f-recreated i{color:var(--f-recreated)}.f-unknown i{color:var(--f-unknown)}.f-orphaned i{color:var(--f-orphaned)}.f-moved i{color:var(--f-moved)}.f-adopted i{color:var(--f-adopted)}.f-created i{color:var(--f-created)}.f-kept i{color:var(--f-kept)}
.list{width:100%;border-collapse:collapse;font-size:14px}
.list th{text-align:left;font-weight:550;font-size:13px;color:var(--dim)}
.list th,.list td{padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
.list{table-layout:fixed}.list .c0{width:140px}.list .c1{width:22%}.list .c2{width:34%}.list .c3{width:18%}.list .c4{width:90px}.fate{white-space:nowrap}.list .kind{color:var(--dim)}
.terms{display:grid;grid-template-columns:auto 1fr;gap:4px 18px;font-size:14px}.terms dt{font-weight:550}.terms dd{margin:0}
figure{margin-bottom:18px}figcaption{font-weight:620;margin-bottom:6px}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:10px;padding:14px}
.map{display:block;font:12px var(--mono)}
.map text{fill:var(--text);text-anchor:middle}.map .col{fill:var(--dim);text-anchor:start;font:600 13px var(--sans)}.map .col.end{text-anchor:end}
.map rect{fill:var(--soft);stroke:var(--calm-line)}.map .operator rect{fill:var(--good-bg);stroke:var(--good-line)}.map .none rect{fill:none;stroke-dasharray:4 4}.map .none text{fill:var(--dim)}
.flow{fill:none;opacity:.38}.map .label{font:600 12px var(--sans);paint-order:stroke;stroke:var(--bg);stroke-width:5px;stroke-linejoin:round}
${["deleted", "recreated", "unknown", "orphaned", "moved", "adopted", "created", "kept"].map((fate) => `.flow.f-${fate}{stroke:var(--f-${fate})}.label.f-${fate}{fill:var(--f-${fate})}`).join("")}
.tools{margin-bottom:10px}
.file{border:1px solid var(--line);border-radius:8px;margin-bottom:10px;overflow:clip}
.file>summary{background:var(--soft);padding:7px 14px;font-size:14px;overflow-wrap:anywhere}
.file[open]>summary{border-bottom:1px solid var(--line)}
.file .kind{display:inline-block;min-width:58px;font-size:13px;color:var(--dim)}.file.new .kind{color:var(--good)}.file.gone .kind{color:var(--bad)}
.file>.why{padding:8px 14px;font-size:13.5px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.from{font-size:13px}.counts{font-size:13px;white-space:nowrap}.plus{color:var(--good)}.minus{color:var(--bad)}
.diff{width:100%;border-collapse:collapse;table-layout:fixed;font:12.5px/1.5 var(--mono)}
.diff td{vertical-align:top;padding:0 10px 0 16px;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate;tab-size:4;position:relative}
.diff col.n{width:52px}.diff td.n{padding:0 8px 0 0;text-align:right;color:var(--dim);user-select:none;white-space:nowrap}
.diff td.none:not(.n){background:var(--none)}.diff .add{background:var(--add)}.diff .del{background:var(--del)}
.add::before,.del::before{position:absolute;left:4px;color:var(--dim)}.add::before{content:"+"}.del::before{content:"−"}
.add .m{background:var(--add-m);border-radius:2px}.del .m{background:var(--del-m);border-radius:2px}.m.yc{color:var(--text)}
.yk{color:var(--yk)}.ys{color:var(--ys)}.yn{color:var(--yn)}.yc{color:var(--yc)}.ya{color:var(--ya)}
.diff .fold td{background:var(--soft);color:var(--dim);padding:3px 14px;font-family:var(--sans)}.fold button{border:0;background:none;padding:0;color:var(--link)}
.diff .note td{padding:6px 14px;background:var(--bg);font-family:var(--sans);white-space:normal}
.beside{border-left:4px solid var(--calm-line);background:var(--soft);border-radius:0 6px 6px 0;padding:6px 12px;font:14px/1.5 var(--sans);margin:2px 0}
.beside.warn{border-left-color:var(--f-unknown)}.beside.bad{border-left-color:var(--f-deleted)}.file>.beside{margin:8px 14px}
.chapter{margin-bottom:26px}.chapter>ul{padding-left:20px;max-width:92ch}
.progress{color:var(--dim);font-size:14px;margin-bottom:8px}
.steps{padding-left:26px}.steps>li{margin-bottom:14px;overflow-wrap:anywhere}.steps>li>*{max-width:88ch}
.steps label{display:flex;gap:9px;align-items:baseline;font-weight:600;cursor:pointer}.steps input{width:16px;height:16px;flex:none;position:relative;top:2px;accent-color:var(--link)}
.steps input:checked+span{color:var(--dim);text-decoration:line-through}
.para,.expect{margin-top:5px}.steps .para{max-width:88ch}
.cut{margin-top:10px;color:var(--warn)}
@media (max-width:1000px){.body{display:block;padding-top:18px}nav{border-bottom:1px solid var(--line);padding-bottom:14px;margin-bottom:24px}nav ul{position:static;display:flex;flex-wrap:wrap;gap:2px 18px}nav li{padding:2px 0}nav span{display:none}}
@media (max-width:720px){.wrap{padding:0 16px}h1{font-size:25px}.says{font-size:16px}.live .filter{grid-template-columns:1fr}.card dl{grid-template-columns:1fr;gap:0}.card dd{margin-bottom:8px}
.list,.list tbody{display:block}.list colgroup,.list thead{display:none}.list tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}.list td{display:block;border:0;padding:1px 0}.list tr[hidden]{display:none}
#all td:nth-child(3):not(:empty)::before{content:"before ";color:var(--dim)}#all td:nth-child(4):not(:empty)::before{content:"after ";color:var(--dim)}
.diff.two,.diff.two tbody,.diff.two .fold tr,.diff.two .note,.diff.two .fold td,.diff.two .note td{display:block}.diff.two colgroup,.diff.two thead,.diff tbody[hidden]{display:none}.diff.two tbody:not(.fold) tr:not(.note){display:grid;grid-template-columns:40px minmax(0,1fr)}
.diff.two td.none,.diff.two tr.s td:nth-child(1),.diff.two tr.s td:nth-child(2){display:none}.diff col.n{width:40px}}
@media print{:root{--soft:#fff}body{font-size:10.5pt}nav,.js,.live .js,.tools,.skip{display:none!important}.body{display:block}.wrap{max-width:none;padding:0}.finding,.card,.steps>li,tr{break-inside:avoid}h2,h3,h4{break-after:avoid}.scroll{overflow:visible}.map{max-width:100%;height:auto}.file{break-inside:auto}.code,.diff,.top,.badge{print-color-adjust:exact}}
`;
