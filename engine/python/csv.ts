/** CSV as Python's csv module reads it. */

/** The rows of a CSV text in Excel's dialect. */
export function csvRows(text: string, delimiter = ','): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  let begun = false;
  const end = () => {
    row.push(field);
    field = '';
    begun = false;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') {
        field += '"';
        i++;
      } else quoted = false;
    } else if (c === '"' && !begun) {
      quoted = true;
      begun = true;
    } else if (c === delimiter) end();
    else if (c === '\n' || c === '\r') {
      if (c === '\r' && text[i + 1] === '\n') i++;
      if (row.length || field !== '' || begun) {
        end();
        rows.push(row);
      }
      row = [];
    } else {
      field += c;
      begun = true;
    }
  }
  if (row.length || field !== '' || begun) {
    end();
    rows.push(row);
  }
  return rows;
}
