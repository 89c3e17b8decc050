/** Which costly facts the files of a project name. */
import { expect } from 'chai';
import { Named } from '../../engine/run/named.ts';

describe('facts that files name', () => {
  const sees = (...texts: string[]) => {
    const named = new Named();
    for (const text of texts) named.see(text);
    return named.python;
  };

  it('are those of Python, by each of their names, in whatever file', () => {
    for (const text of [
      '{{ ansible_python_version }}',
      '{{ ansible_python.version.major }}',
      "{{ ansible_facts['python'].executable }}",
      '{{ ansible_facts.python }}',
      '{{ discovered_interpreter_python }}',
    ])
      expect(sees('nothing here', text), text).to.equal(true);
  });

  it('are not asked for by an inventory that says which Python to use, nor by a package of that name', () => {
    for (const text of ['ansible_python_interpreter: /usr/bin/python3', 'name: python3-apt', 'the python of monty'])
      expect(sees(text), text).to.equal(false);
  });
});
