/** The one stylesheet, served from its own address so that pages need no inline styles. */
export const style = `:root {
  color-scheme: light dark;
  --ground: #fbfbf9; --card: #ffffff; --line: #e4e3dd; --text: #1d1f21; --quiet: #63666a; --accent: #1f6f5c; --track: #eceae4; --warn: #9a4b00;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #131517; --card: #1b1e21; --line: #2d3135; --text: #e8e7e3; --quiet: #9aa0a6; --accent: #5fc4a5; --track: #2a2e32; --warn: #f0a860; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 74rem; padding: 1.5rem 1.25rem 3rem; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: .25rem 1rem; margin-bottom: 1.25rem; }
h1 { margin: 0; font-size: 1.4rem; letter-spacing: -.01em; }
h2 .quiet { font-weight: 400; }
h2 { margin: 0 0 .6rem; font-size: .95rem; font-weight: 600; }
p { margin: 0; }
section { margin-bottom: 1.25rem; padding: 1rem 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.quiet { color: var(--quiet); }
.warn { color: var(--warn); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; padding: 0; background: none; border: 0; }
.tile { padding: 1rem 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile h2 { margin: 0; font-weight: 500; color: var(--quiet); }
.value { font-size: 1.7rem; font-weight: 600; letter-spacing: -.02em; line-height: 1.35; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 0 1.25rem; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .38rem .7rem .38rem 0; border-bottom: 1px solid var(--line); text-align: left; font-weight: 400; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--quiet); font-size: .85rem; }
tbody th { max-width: 18rem; overflow: hidden; text-overflow: ellipsis; font-weight: 500; }
.pair tbody th { max-width: 10.5rem; }
.number { text-align: right; }
.time { color: var(--quiet); }
.bar { display: block; width: 3rem; height: .5rem; border-radius: 3px; overflow: hidden; }
.track { fill: var(--track); }
.fill { fill: var(--accent); }
.days { display: block; width: 100%; height: auto; max-height: 11rem; }
.days text { font-size: 11px; text-anchor: middle; fill: var(--quiet); }
.days .now { fill: var(--text); font-weight: 600; }
.days .ground { fill: var(--track); opacity: .45; }
.first pre { overflow-x: auto; margin: .8rem 0; padding: .9rem 1rem; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; }
code { font: .92em ui-monospace, monospace; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
footer { font-size: .85rem; }
`;
