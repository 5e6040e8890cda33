/** `nanocent/gateway`: a local address in front of the providers, that meters every call before it spends. */
export { defaultBounds, type GatewayBounds } from './bounds.ts';
export { type DemoProvider, startDemoProvider } from './demo-provider.ts';
export type { Gateway, GatewayEvent, GatewayOptions, Page, PageRequest, Pages } from './gateway.ts';
export { type Flavour, type Provider, providersFromEnvironment } from './provider.ts';
export { Secret } from './secret.ts';
export { startGateway } from './start-gateway.ts';
