// The command on the source: what bin/hardkey.cjs is for the build.
import { main } from '@hardkey/cli';

process.exitCode = await main(process.argv.slice(2));
