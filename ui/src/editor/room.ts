// The bench is as high as what can be seen of its column, so that its buttons are in view at the top of the page, where the
// head takes some of the window, as well as further down.
const GAP_PX = 12;

export function fitRoom(bench: HTMLElement): void {
  const column = bench.parentElement;
  if (!column) return;
  let isAsked = false;
  const fit = () => {
    isAsked = false;
    const from = Math.max(GAP_PX, bench.getBoundingClientRect().top);
    const to = Math.min(innerHeight, column.getBoundingClientRect().bottom) - GAP_PX;
    bench.style.setProperty('--room', `${Math.max(320, to - from)}px`);
  };
  const ask = () => {
    if (!isAsked) requestAnimationFrame(fit);
    isAsked = true;
  };
  addEventListener('scroll', ask, { passive: true });
  addEventListener('resize', ask);
  fit();
}
