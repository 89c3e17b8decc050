import { ModuleFailure, placeText } from '../../../errors.ts';
import { type Dict, placeOf } from '../../../values.ts';
import { dict } from '../../args.ts';
import { defineModule, unchanged } from '../../define.ts';
import { specErrors } from './argument-spec.ts';

export default defineModule({
  name: 'validate_argument_spec',
  doc: `Checks variables against a specification, as that of a role's arguments.

A name of the specification that is not among the provided arguments is looked up among the host's variables.`,
  reference: 'ansible.builtin.validate_argument_spec',
  args: {
    argument_spec: dict({
      doc: 'By name: type, required, default, choices, elements and options of each argument.',
      required: true,
    }),
    provided_arguments: dict({ doc: 'Values by name; they win over variables.', default: new Map() }),
    validate_args_context: dict({ doc: 'Where the specification comes from, for messages.', default: new Map() }),
  },
  controllerOnly: true,
  check: 'full',
  returns: { argument_errors: 'What is wrong, one text each.', argument_spec_data: 'The specification.' },
  examples: `- validate_argument_spec:
    argument_spec:
      etcd_version: { type: str, required: true }
      advertise_format: { type: str, choices: [ip, fqdn], default: ip }
`,
  async run(args, env) {
    const spec: Dict = args.argument_spec;
    const given: Dict = new Map();
    for (const name of spec.keys()) {
      const value = env.variable(String(name));
      if (value !== undefined) given.set(name, value);
    }
    for (const [name, value] of args.provided_arguments) given.set(name, value);
    const errors = specErrors(spec, given);
    const where = { validate_args_context: args.validate_args_context };
    if (errors.length === 0) return unchanged({ msg: 'The arg spec validation passed', ...where });
    const declared = placeOf(env.rawArgs.get('argument_spec'));
    throw new ModuleFailure(
      `Validation of arguments failed:\n${errors.join('\n')}`,
      { argument_errors: errors, argument_spec_data: spec, ...where },
      declared && `specification: ${placeText(declared).replace(/:\d+$/, '')}`,
    );
  },
});
