// Installs the programs that the tests run beside ours. Says one line for each; a second run changes nothing.
import { COMPONENTS, type ComponentName } from './components/table.ts';

for (const name of Object.keys(COMPONENTS) as ComponentName[]) {
  try {
    console.log(`${name.padEnd(13)} ${provide(name)}`);
  } catch (error) {
    console.error(`${name.padEnd(13)} FAILED: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

function provide(name: ComponentName): string {
  const component = COMPONENTS[name];
  const before = component.find();
  if (before === undefined) component.install();
  const path = component.find();
  if (path === undefined) throw new Error(`${component.pin} was installed and is still not found`);
  return `${before === undefined ? 'installed' : 'present  '} ${component.version(path)} for ${component.use}`;
}
