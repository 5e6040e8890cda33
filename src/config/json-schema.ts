import { configuration } from './description.ts';
import type { Shape } from './shape.ts';

/** The JSON schema (draft 2020-12) of a YAML or JSON configuration. */
export function configurationSchema(): object {
  const schema = schemaOf(configuration) as { readonly properties: object };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Nanocent configuration',
    ...schema,
    properties: { $schema: { type: 'string' }, ...schema.properties },
  };
}

function schemaOf(shape: Shape): object {
  const about = shape.about === undefined ? {} : { description: shape.about };
  return { ...about, ...typeOf(shape) };
}

const reference = (name: string) => ({
  type: 'object',
  properties: { [name]: { type: 'string', minLength: 1 } },
  required: [name],
  additionalProperties: false,
});
const someText = { type: 'string', minLength: 1 };

function typeOf(shape: Shape): object {
  switch (shape.kind) {
    case 'text':
      return someText;
    case 'flag':
      return { type: 'boolean' };
    case 'null':
      return { type: 'null' };
    case 'amount':
      return { type: ['number', 'string'], pattern: '^\\s*-?[0-9_]+(\\.[0-9]+)?\\s*$' };
    case 'secret':
      return { anyOf: [someText, reference('env'), reference('file')] };
    case 'location':
      return { anyOf: [someText, reference('env')] };
    case 'number':
      return { type: shape.whole ? 'integer' : 'number', minimum: shape.min, maximum: shape.max };
    case 'choice':
      return { enum: shape.values };
    case 'list':
      return { type: ['array', 'null'], items: schemaOf(shape.of) };
    case 'table':
      return {
        type: ['object', 'null'],
        properties: mapped(shape.fields),
        additionalProperties: false,
      };
    case 'map':
      return {
        type: ['object', 'null'],
        ...(shape.pattern ? { propertyNames: { pattern: shape.pattern.source } } : {}),
        additionalProperties: schemaOf(shape.of),
      };
    case 'either':
      return { anyOf: shape.of.filter(({ kind }) => kind !== 'code').map(schemaOf) };
    case 'code':
      return { not: {} };
  }
}

function mapped(fields: Readonly<Record<string, Shape>>): object {
  const written = Object.entries(fields).filter(([, { kind }]) => kind !== 'code');
  return Object.fromEntries(written.map(([name, shape]) => [name, schemaOf(shape)]));
}
