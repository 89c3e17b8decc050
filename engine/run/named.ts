/**
 * Facts that are costly to find out and that hardly a project asks for are gathered once a file of the project names them: every
 * text of it that may hold an expression is shown to this record as it is read.
 */
export class Named {
  python = false;

  /** `ansible_python_interpreter` says which Python to use: inventories have it, and it asks for nothing. */
  static readonly #python =
    /ansible_python(?!_interpreter)|\bpython_version\b|discovered_interpreter|facts\W{1,4}python\b/;

  see(text: string): void {
    this.python ||= text.includes('python') && Named.#python.test(text);
  }
}
