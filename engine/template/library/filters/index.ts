/** The table of all filters. */
import { table } from '../../compile/definitions.ts';
import { COMMUNITY } from './community.ts';
import { CORE_LISTS } from './core_lists.ts';
import { CORE_TEXT } from './core_text.ts';
import { IPADDR } from './ip_networks.ts';
import { JINJA_LIST_ALIASES, JINJA_LISTS } from './jinja_lists.ts';
import { JINJA_TEXT, JINJA_TEXT_ALIASES } from './jinja_text.ts';
import { PATHS } from './paths.ts';
import { URLS } from './urls.ts';

export const FILTERS = table(
  [...JINJA_LISTS, ...JINJA_TEXT, ...CORE_LISTS, ...CORE_TEXT, ...PATHS, ...URLS, ...IPADDR, ...COMMUNITY],
  {
    ...JINJA_LIST_ALIASES,
    ...JINJA_TEXT_ALIASES,
  },
);
