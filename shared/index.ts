// What the package exports.
export { ICalculator } from './contract/calculator.ts';
export { FaultException, type FaultCode } from './contract/fault-exception.ts';
export { DateTime, type DateTimeKind, DateTimeOffset } from './contract/types/text/date-time.ts';
export {
  type CallbackImplementation,
  type CallOptions,
  type Contract,
  defineContract,
  type DuplexContext,
  type Implementation,
  type OperationContext,
  type Operations,
  type SessionMode,
} from './contract/contract.ts';
export {
  header,
  headerArray,
  type HeaderOptions,
  type HeaderType,
  type MessageHeader,
  type ReceivedHeaders,
} from './contract/header.ts';
export { type TraceContext, Traceparent, Tracestate } from './contract/trace-context.ts';
export { type BodyMember, type Message, message, type MessageOptions } from './contract/message.ts';
export {
  oneWay,
  operation,
  type OperationDefinition,
  type Results,
  results,
} from './contract/operation.ts';
export * as types from './contract/types/types.ts';
export { type ErrorCode, type ErrorReason, EXIT_STATUS, NetTcpError } from './errors.ts';
export { DEFAULT_LIMITS, type LimitName, type Limits } from './limits.ts';
export { NetTcpBinding, type NetTcpBindingOptions } from './net-tcp-binding.ts';
export { type CallEnd, type CallEvent, type CallListener, type OnCall } from './rpc/call-events.ts';
export { type PerSession, perSession } from './rpc/dispatch/per-session.ts';
export { type FailedOperation, type OnOperationError } from './rpc/dispatch/operation-errors.ts';
export {
  type Channel,
  ChannelFactory,
  type ChannelFactoryOptions,
  type Proxy,
} from './rpc/client/channel-factory.ts';
export { type ChannelOptions } from './rpc/client/channel-options.ts';
export { type SessionEvent } from './rpc/client/reopen/reopening-channel.ts';
export { ServiceHost } from './rpc/service/service-host.ts';
export {
  type EndpointOptions,
  type MetadataFile,
  type ServiceHostOptions,
} from './rpc/service/host-options.ts';
export { type Authorize } from './security/authorize.ts';
export { type Caller, type CallerKind } from './security/caller.ts';
export { type ClientCredentials, type ServiceCredentials } from './security/credentials.ts';
export { type SecurityMode, type SecurityOptions } from './security/settings.ts';
export { CallMetrics } from './telemetry/call-metrics.ts';
export { openTelemetry, type OpenTelemetryApi } from './telemetry/open-telemetry.ts';
export { type ValidateUserName } from './security/users.ts';
