// What a source file imports, read by a parser: an expression in a comment or a string is not an import.
import { readFileSync } from 'node:fs';
import { type Expression, parseSync, Visitor } from 'oxc-parser';

/** One import, re-export, lazy import, type import, `require` or `getBuiltinModule`. `to` is absent when it is computed at run time. */
export interface Import {
  readonly line: number;
  readonly to: string | undefined;
}

/** Every import of the file, types included. */
export function importsOf(file: string): readonly Import[] {
  const text = readFileSync(file, 'utf8');
  const { program, module } = parseSync(file, text);
  const found: Import[] = [];
  const add = (start: number, to: string | undefined) =>
    found.push({ line: text.slice(0, start).split('\n').length, to });

  for (const { start, moduleRequest } of module.staticImports) add(start, moduleRequest.value);
  for (const { start, entries } of module.staticExports) {
    const from = entries.find((entry) => entry.moduleRequest)?.moduleRequest;
    if (from) add(start, from.value);
  }
  new Visitor({
    ImportExpression: ({ start, source }) => add(start, literal(source)),
    TSImportType: ({ start, source }) => add(start, source.value),
    CallExpression: ({ start, callee, arguments: [first] }) => {
      if (first && isImport(callee)) add(start, literal(first));
    },
  }).visit(program);
  return found;
}

/** `require`, or `process.getBuiltinModule`. */
function isImport(callee: Expression): boolean {
  if (callee.type === 'Identifier') return callee.name === 'require';
  return (
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'getBuiltinModule'
  );
}

function literal(node: { readonly type: string; readonly value?: unknown }): string | undefined {
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

/** `@scope/name/sub/path` is package `@scope/name`, subpath `./sub/path`; `name` is subpath `.`. */
export function splitSpecifier(specifier: string): { readonly name: string; readonly subpath: string } {
  const parts = specifier.split('/');
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  return { name, subpath: `.${specifier.slice(name.length)}` };
}
