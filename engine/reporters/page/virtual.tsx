/** Long lists and tables of which only what is seen is in the page. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface Window {
  first: number;
  last: number;
}

/** The rows (and columns) that are in sight of a scrolling box, some more at each end. */
export function useWindow(rows: number, rowHeight: number, columns = 0, columnWidth = 1) {
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState({ top: 0, left: 0, height: 800, width: 1200 });
  useEffect(() => {
    const element = box.current!;
    const measure = () =>
      setAt({
        top: element.scrollTop,
        left: element.scrollLeft,
        height: element.clientHeight,
        width: element.clientWidth,
      });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);
  const range = (offset: number, size: number, each: number, count: number): Window => ({
    first: Math.max(0, Math.floor(offset / each) - 5),
    last: Math.min(count, Math.ceil((offset + size) / each) + 5),
  });
  return {
    box,
    rows: range(at.top, at.height, rowHeight, rows),
    columns: range(at.left, at.width, columnWidth, columns),
  };
}

interface ListProps {
  count: number;
  height: number;
  label: string;
  row(index: number): ComponentChildren;
}

/** A list of rows of one height. */
export function VirtualList({ count, height, label, row }: ListProps) {
  const { box, rows } = useWindow(count, height);
  const shown: JSX.Element[] = [];
  for (let index = rows.first; index < rows.last; index++)
    shown.push(
      <li key={index} style={{ top: `${index * height}px`, height: `${height}px` }} aria-setsize={count} aria-posinset={index + 1}>
        {row(index)}
      </li>,
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by the keyboard
    <div class="list" ref={box} tabIndex={0} role="region" aria-label={label}>
      <ul style={{ height: `${count * height}px` }}>{shown}</ul>
    </div>
  );
}
