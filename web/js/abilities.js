// What stands against drawing a request at an endpoint, by what it tells of itself: the same rules
// by which the host refuses, so that a form can say so before.

const kNames = { mask: 'a mask', reference: 'reference pictures', control: 'control pictures' };

// `asked`: {start, roles, steps, guidance}: whether there is a start picture, the roles of the
// others, and numbers or null. A reason such as "takes no mask", or "" when it can, or is not known
// not to.
export function whyNot(can, asked) {
  if (!can) return '';
  if (asked.start && !takes(can, 'start')) return 'takes no start picture';
  const unknown = asked.roles.find((role) => !takes(can, role));
  if (unknown) return `takes no ${kNames[unknown].replace(/^a /, '')}`;
  const pictures = asked.roles.length + (asked.start ? 1 : 0);
  if (can.max_inputs !== undefined && pictures > can.max_inputs) return `takes ${can.max_inputs} picture${can.max_inputs === 1 ? '' : 's'} at most`;
  if (outside(can.steps, asked.steps)) return `takes ${range(can.steps)} steps`;
  if (outside(can.guidance_scale, asked.guidance)) return `takes a guidance of ${range(can.guidance_scale)}`;
  return '';
}

function takes(can, role) {
  if (role === 'start' && can.image_to_image !== undefined) return can.image_to_image;
  return can.input_roles === undefined || can.input_roles.includes(role);
}

const outside = (limits, value) => Boolean(limits) && value !== null && (value < limits.min || value > limits.max);
const range = ({ min, max }) => `${min} to ${max}`;

// The steps that endpoints take when nobody chooses: `usual`, moved into what each can do. "25", "8 to 25".
export function usualSteps(cans, usual) {
  const each = cans.filter((can) => can?.steps !== false)
    .map((can) => (can?.steps ? Math.min(Math.max(can.steps.default ?? usual, can.steps.min), can.steps.max) : usual));
  if (each.length === 0) return String(usual);
  const [from, to] = [Math.min(...each), Math.max(...each)];
  return from === to ? String(to) : `${from} to ${to}`;
}
