import { type ErrorDetails, NanocentError } from './error.ts';

/** No price is known for a model at an instant: what has no price is never charged as 0. Code `price_not_found`. */
export class ModelPricingNotFoundError extends NanocentError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('price_not_found', message, details);
    this.name = 'ModelPricingNotFoundError';
  }
}
