// Everything that an import path of the library hands out has a doc comment.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ParseResult, parseSync } from 'oxc-parser';
import { manifest, sources } from '../manifest.ts';
import { lineAt } from './pages.ts';

interface Module {
  readonly file: string;
  readonly text: string;
  readonly parsed: ParseResult;
}

/** Exported names without a doc comment, as `file:line: name`. */
export function commentProblems(root: string): readonly string[] {
  const library = manifest(root, 'hardkey');
  const modules = new Map<string, Module>();
  const read = (file: string): Module => {
    const known = modules.get(file);
    if (known) return known;
    const text = readFileSync(join(root, file), 'utf8');
    const module = { file, text, parsed: parseSync(file, text) };
    modules.set(file, module);
    return module;
  };
  const problems = [...sources(library)].flatMap(([subpath, source]) => {
    const file = join(library.folder, source);
    if (!existsSync(join(root, file)))
      return [`${file}: missing, but hardkey${subpath.slice(1)} leads to it`];
    return exported(file, read);
  });
  return [...new Set(problems)];
}

/** The undocumented among the names that a module exports, wherever they are declared. */
function exported(file: string, read: (file: string) => Module): readonly string[] {
  const module = read(file);
  return module.parsed.module.staticExports.flatMap(({ entries }) =>
    entries.flatMap((entry) => {
      const from = entry.moduleRequest?.value;
      const name = entry.importName.name ?? entry.localName.name;
      if (from === undefined) return name === null ? [] : undocumented(file, name, read);
      if (!from.startsWith('.')) return [];
      const next = join(dirname(file), from);
      return name === null ? exported(next, read) : undocumented(next, name, read);
    }),
  );
}

/** Follows one name to its declaration. */
function undocumented(file: string, name: string, read: (file: string) => Module): readonly string[] {
  const { text, parsed } = read(file);
  const place = declarations(parsed).find((one) => one.names.includes(name));
  if (place) {
    const documented = declarations(parsed).some(
      (one) => one.names.includes(name) && hasComment(text, parsed, one.start),
    );
    return documented ? [] : [`${file}:${lineAt(text, place.start)}: ${name} has no doc comment`];
  }
  for (const { moduleRequest, entries } of parsed.module.staticImports)
    for (const { localName, importName } of entries)
      if (localName.value === name && importName.name !== null && moduleRequest.value.startsWith('.'))
        return undocumented(join(dirname(file), moduleRequest.value), importName.name, read);
  return reExported(file, name, read);
}

function reExported(file: string, name: string, read: (file: string) => Module): readonly string[] {
  for (const { entries } of read(file).parsed.module.staticExports)
    for (const { exportName, importName, moduleRequest } of entries)
      if (exportName.name === name && importName.name !== null && moduleRequest?.value.startsWith('.'))
        return undocumented(join(dirname(file), moduleRequest.value), importName.name, read);
  return [];
}

/** The declarations at the top of a module, exported or not. */
function declarations({ program }: ParseResult): readonly { start: number; names: readonly string[] }[] {
  return program.body.flatMap((statement) => {
    const exporting = statement.type === 'ExportNamedDeclaration';
    const declaration = exporting ? statement.declaration : statement;
    if (!declaration) return [];
    if (declaration.type === 'VariableDeclaration') {
      const names = declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []));
      return [{ start: statement.start, names }];
    }
    const id = 'id' in declaration ? declaration.id : undefined;
    return id?.type === 'Identifier' ? [{ start: statement.start, names: [id.name] }] : [];
  });
}

/** Whether a doc comment ends where the statement begins. */
function hasComment(text: string, { comments }: ParseResult, start: number): boolean {
  return comments.some(
    ({ type, value, end }) =>
      type === 'Block' && value.startsWith('*') && end <= start && text.slice(end, start).trim() === '',
  );
}
