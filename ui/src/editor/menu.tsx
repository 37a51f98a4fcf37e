// A button that opens a list of actions. Escape and a click elsewhere close it; arrows walk through it.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export function Menu({ label, title, children }: { label: string; title: string; children: ComponentChildren }) {
  const place = useRef<HTMLDetailsElement>(null);

  function close(focus: boolean): void {
    if (!place.current?.open) return;
    place.current.open = false;
    if (focus) place.current.querySelector('summary')?.focus();
  }
  function key(event: KeyboardEvent): void {
    if (event.key === 'Escape') return close(true);
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const items = [...(place.current?.querySelectorAll<HTMLElement>('.items button, .items input, .items select') ?? [])];
    const at = items.findIndex(item => item === document.activeElement);
    if (document.activeElement instanceof HTMLSelectElement) return; // arrows are its own
    event.preventDefault();
    items[(at + (event.key === 'ArrowDown' ? 1 : items.length - 1)) % items.length]?.focus();
  }
  useEffect(() => {
    const outside = (event: Event) => { if (event.target instanceof Node && !place.current?.contains(event.target)) close(false); };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
    };
  }, []);
  return (
    <details class="menu-box" ref={place} onKeyDown={key}>
      <summary aria-label={title} title={title}>{label}</summary>
      <div class="items" onClick={event => { if (event.target instanceof HTMLButtonElement) close(true); }}>{children}</div>
    </details>
  );
}
