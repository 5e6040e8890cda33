/** A provider's key or a client's credential: prints as `[secret]` wherever it ends up; only the transport reveals it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  static {
    // What console.log asks for. Added here, because naming it in the class would put Node's types into ours.
    const forInspection = Symbol.for('nodejs.util.inspect.custom');
    Object.defineProperty(Secret.prototype, forInspection, { value: () => '[secret]' });
  }
}
