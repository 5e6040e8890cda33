/** The parameter of a writing statement that takes an id as text: SQLite makes the bytes faster than we do. */
export const idParameter = "unhex(?, '-')";
