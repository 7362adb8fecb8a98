import { NetTcpError } from '../../errors.ts';
import { writeMark } from '../../framing/encoder.ts';
import { RecordType } from '../../framing/records.ts';
import { Connection } from '../../transport/connection.ts';
import type { Incoming } from '../../transport/listener.ts';
import { remoteAddressOf } from '../../transport/fronts/origin.ts';
import { startReading } from '../../transport/node-internals.ts';
import type { SecuredCaller, ServiceUpgrade } from '../../transport/upgrade.ts';
import { secure, takeBack } from '../secure.ts';
import type { ServiceConnectionOwner } from './connection-owner.ts';
import type { RouteToEndpoint } from './endpoint-table.ts';
import { ServiceConnection } from './service-connection.ts';

/**
 * A connection of a host that requires security. Each session begins in the clear, is upgraded after its
 * preamble, and leaves the connection in the clear again if the upgrade can be taken off.
 */
export class SecuredConnection extends ServiceConnection {
  readonly #upgrade: ServiceUpgrade;
  #secured: SecuredCaller | undefined;
  /** Where the session leads, which begins once the caller is known. */
  #route: readonly [route: RouteToEndpoint, via: string] | undefined;

  constructor(owner: ServiceConnectionOwner, incoming: Incoming, upgrade: ServiceUpgrade) {
    super(owner, incoming);
    this.#upgrade = upgrade;
  }

  protected override enter(route: RouteToEndpoint, via: string): void {
    if (route.metadata === 'plain') return super.enter(route, via);
    this.#route = [route, via];
    this.step({ on: 'routed', upgrade: this.#upgrade.contentType });
  }

  protected override upgrade(): void {
    const { source } = this;
    const { handshakes } = this.owner;
    if (!handshakes.enter(source)) return this.refuse();
    writeMark(this.connection.writer(), RecordType.UpgradeResponse);
    void this.#secure().finally(() => handshakes.leave(source));
  }

  async #secure(): Promise<void> {
    const { socket } = this.connection;
    const isEmpty = this.reader.atBoundary;
    try {
      const secured = await secure(this.connection, isEmpty, (raw) => this.#upgrade.accept(raw));
      this.#secured = secured;
      this.connection = new Connection(socket, this, this.owner.slowReaders, secured.stream);
      if (this.isClosed) return this.connection.destroy();
      const onRefused = (error: Error): void => this.owner.onRefused(error);
      const sender = this.#upgrade.sender?.(remoteAddressOf(socket), onRefused) ?? secured;
      if (this.#route !== undefined) this.begin(...this.#route, sender);
      this.step({ on: 'upgraded' });
    } catch (error) {
      if (!socket.destroyed) this.connection.closeDraining(this.owner.limits);
      this.onClose(NetTcpError.from(error));
    }
  }

  override onClose(error: Error | undefined): void {
    super.onClose(error && (this.#secured?.told?.(error) ?? error));
  }

  protected override onReuse(): void {
    if (this.#secured === undefined) return super.onReuse();
    const socket = takeBack(this.connection, this.reader.atBoundary, this.#secured);
    this.#secured = undefined;
    if (socket === undefined) return this.onClose(undefined);
    this.connection = new Connection(socket, this, this.owner.slowReaders);
    startReading(socket);
    super.onReuse();
  }
}
