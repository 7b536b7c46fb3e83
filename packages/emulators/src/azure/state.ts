/**
 * Everything that an emulator of Azure holds.
 *
 * @module
 */
import { type Clock, createClock } from '../clock.ts';
import { createFaults, type Faults } from '../faults.ts';
import { createRuleBook, type RuleBook } from '../rules.ts';
import { OPERATIONS } from './operations.ts';
import { type Client, parseClient } from './roles.ts';
import { AZURE_RULES, type AzureRuleName } from './rules.ts';
import { createVault, type Vault } from './store.ts';
import { TOKEN_OPERATIONS } from './token-service.ts';
import { createTokens, type Tokens } from './tokens.ts';

/** The state of an emulator. */
export interface State {
  readonly clock: Clock;
  readonly tenant: string;
  readonly clients: ReadonlyMap<string, Client>;
  readonly tokens: Tokens;
  readonly faults: Faults;
  readonly rules: RuleBook<AzureRuleName>;
  /** Ends waits when the emulator closes. */
  readonly closing: AbortController;
  addClient(client: Client): void;
  /** The vault of a host name: one for each of `vault.azure.net`, and one for all names of loopback. */
  vaultOf(hostName: string): Vault;
}

/** A state with these applications and no keys. */
export async function createState(tenant: string, given: readonly Client[]): Promise<State> {
  const clock = createClock();
  const clients = new Map<string, Client>();
  const addClient = (client: Client): void => {
    clients.set(client.id, parseClient(client));
  };
  given.forEach(addClient);
  return {
    clock,
    tenant,
    clients,
    addClient,
    tokens: await createTokens(clock),
    faults: createFaults({
      methods: [...OPERATIONS.map(({ name }) => name), ...TOKEN_OPERATIONS],
      isStatus: (status) => typeof status === 'number' && status >= 200 && status <= 599,
    }),
    rules: createRuleBook(AZURE_RULES),
    closing: new AbortController(),
    vaultOf: vaultsOf(clock),
  };
}

function vaultsOf(clock: Clock): (hostName: string) => Vault {
  const vaults = new Map<string, Vault>();
  return (hostName) => {
    const name = hostName.endsWith('.vault.azure.net') ? hostName : 'localhost';
    const vault = vaults.get(name) ?? createVault(clock);
    vaults.set(name, vault);
    return vault;
  };
}
