/** No file, no sleep, no lock, no setting, nothing that tells about other tables, nothing that makes a long text of a short one. */
const permitted: ReadonlySet<string> = new Set(
  [
    'count sum avg min max string_agg array_agg bool_and bool_or every stddev stddev_pop stddev_samp variance var_pop var_samp',
    'mode percentile_cont percentile_disc corr regr_slope regr_intercept json_agg jsonb_agg json_object_agg jsonb_object_agg',
    'abs ceil ceiling floor round trunc mod power pow sqrt exp ln log log10 sign div width_bucket random pi greatest least',
    'lower upper btrim ltrim rtrim trim length char_length character_length octet_length substring substr left right replace',
    'split_part strpos position concat concat_ws initcap reverse md5 starts_with to_char to_number to_date to_timestamp translate',
    'date_trunc date_part extract date_bin age now make_date make_interval make_timestamp timezone overlaps statement_timestamp',
    'timestamp timestamptz date time interval int4 int8 float8 numeric text bool varchar bpchar int2 float4',
    'json_array_length jsonb_array_length json_extract_path_text jsonb_extract_path_text json_typeof jsonb_typeof to_json to_jsonb',
    'json_object_keys jsonb_object_keys json_each_text jsonb_each_text json_array_elements_text jsonb_array_elements_text',
    'json_build_object jsonb_build_object json_build_array jsonb_build_array',
    'row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value',
  ].flatMap((line) => line.split(' ')),
);

export function isPermittedFunction(name: string): boolean {
  return permitted.has(name);
}
