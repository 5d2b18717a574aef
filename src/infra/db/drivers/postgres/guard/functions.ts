/**
 * Functions of the server that compute from their arguments, the time or chance: none of them reads files, tables,
 * settings or the catalogue, writes, waits, locks, runs SQL from a text, or makes texts much longer than its arguments.
 */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  `abs ceil ceiling floor round sign sqrt exp ln log log10 mod power pow pi radians degrees sin cos tan cot asin acos atan
  atan2 sinh cosh tanh asinh acosh atanh div cbrt trunc width_bucket gcd lcm factorial random
  length char_length character_length octet_length bit_length lower upper initcap btrim ltrim rtrim substr substring
  replace concat concat_ws left right reverse strpos position split_part translate overlay ascii chr md5 sha224 sha256
  sha384 sha512 encode decode to_hex starts_with normalize is_normalized regexp_like regexp_replace
  regexp_substr regexp_instr regexp_count regexp_match regexp_matches regexp_split_to_array regexp_split_to_table
  like_escape similar_to_escape similar_escape string_to_table
  count sum avg min max row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
  bit_and bit_or bit_xor bool_and bool_or every stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop
  covar_samp regr_slope regr_intercept regr_r2 regr_avgx regr_avgy regr_count regr_sxx regr_sxy regr_syy percentile_cont
  percentile_disc mode any_value array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg
  now statement_timestamp transaction_timestamp clock_timestamp timeofday timezone age date date_part date_trunc date_bin
  extract to_char to_date to_number to_timestamp make_date make_time make_timestamp make_timestamptz make_interval
  justify_days justify_hours justify_interval overlaps isfinite
  unnest generate_series generate_subscripts cardinality array_length array_ndims array_dims array_position array_positions
  array_to_string string_to_array array_append array_prepend array_cat array_remove array_replace array_upper array_lower
  to_json to_jsonb array_to_json row_to_json json_build_object json_build_array jsonb_build_object jsonb_build_array
  json_object jsonb_object json_array_length jsonb_array_length json_array_elements jsonb_array_elements
  json_array_elements_text jsonb_array_elements_text json_each json_each_text jsonb_each jsonb_each_text
  json_extract_path json_extract_path_text jsonb_extract_path jsonb_extract_path_text json_object_keys jsonb_object_keys
  json_typeof jsonb_typeof jsonb_set jsonb_insert jsonb_pretty jsonb_strip_nulls json_strip_nulls jsonb_path_query
  jsonb_path_query_array jsonb_path_query_first jsonb_path_exists jsonb_path_match gen_random_uuid num_nulls num_nonnulls`
    .trim()
    .split(/\s+/),
)
