import { SqlParseError } from '../core/errors.ts'
import type { Dialect, Statement } from '../driver.ts'

/**
 * Functions that compute from their arguments, and nothing else: none of them reads files, tables, settings or the
 * schema, writes, waits, locks, runs a statement from a text, or makes texts much longer than its arguments.
 */
const COMMON = `
  abs ceil ceiling floor round sign sqrt exp ln log log10 log2 mod power pow pi radians degrees sin cos tan cot asin acos
  atan atan2 coalesce nullif length char_length character_length octet_length lower upper trim ltrim rtrim substr
  substring replace concat concat_ws current_date current_time current_timestamp date time json_object json_array
  count sum avg min max row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value`

const BY_DIALECT: Readonly<Record<Dialect, string>> = {
  sqlite: `
    iif if ifnull instr hex unhex unicode char quote soundex typeof random like glob likely unlikely likelihood trunc
    sinh cosh tanh asinh acosh atanh datetime julianday strftime unixepoch timediff total group_concat string_agg median
    percentile percentile_cont percentile_disc json json_extract json_array_length json_type json_valid json_quote
    json_each json_tree json_set json_insert json_replace json_remove json_patch json_group_array json_group_object
    json_pretty jsonb jsonb_extract jsonb_array jsonb_object jsonb_each jsonb_tree jsonb_group_array jsonb_group_object
    octet_length nullif`,
  mysql: `
    if ifnull isnull greatest least strcmp field elt find_in_set interval lcase ucase left right mid locate position instr
    reverse lpad rpad insert substring_index ascii ord char bin oct hex unhex conv format truncate rand crc32 md5 sha sha1
    sha2 soundex quote to_base64 from_base64 bit_count bit_length cast convert values adddate addtime curdate curtime
    date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear extract from_days from_unixtime
    get_format hour last_day localtime localtimestamp makedate maketime microsecond minute month monthname now period_add
    period_diff quarter sec_to_time second str_to_date subdate subtime sysdate time_format time_to_sec timediff timestamp
    timestampadd timestampdiff to_days to_seconds unix_timestamp utc_date utc_time utc_timestamp week weekday weekofyear
    year yearweek regexp_like regexp_replace regexp_substr regexp_instr json_extract json_contains json_contains_path
    json_keys json_length json_depth json_merge_patch json_merge_preserve json_overlaps json_pretty json_quote json_remove
    json_replace json_search json_set json_insert json_table json_type json_unquote json_valid json_value
    json_array_append json_array_insert json_arrayagg json_objectagg group_concat any_value bit_and bit_or bit_xor std
    stddev stddev_pop stddev_samp variance var_pop var_samp grouping match`,
  postgres: `
    greatest least div cbrt trunc width_bucket gcd lcm factorial random btrim initcap left right reverse strpos position
    split_part translate overlay ascii chr md5 sha256 encode decode to_hex bit_length starts_with regexp_like
    regexp_replace regexp_substr regexp_instr regexp_count regexp_match regexp_matches regexp_split_to_array like_escape
    similar_to_escape now localtime localtimestamp clock_timestamp statement_timestamp transaction_timestamp timezone age
    date_part date_trunc date_bin extract to_char to_date to_number to_timestamp make_date make_time make_timestamp
    make_interval justify_days justify_hours justify_interval overlaps isfinite is_normalized normalize unnest
    generate_series cardinality array_length array_position array_positions array_to_string string_to_array array_append
    array_prepend array_cat array_remove array_upper array_lower to_json to_jsonb json_build_object json_build_array
    jsonb_build_object jsonb_build_array json_array_length jsonb_array_length json_array_elements jsonb_array_elements
    json_array_elements_text jsonb_array_elements_text json_each json_each_text jsonb_each jsonb_each_text
    json_extract_path json_extract_path_text jsonb_extract_path jsonb_extract_path_text json_object_keys
    jsonb_object_keys json_typeof jsonb_typeof jsonb_set jsonb_insert jsonb_pretty jsonb_strip_nulls json_strip_nulls
    jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_path_exists json_table json_value json_query
    json_exists json_scalar json_serialize array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg
    json_arrayagg json_objectagg any_value bit_and bit_or bit_xor bool_and bool_or every stddev stddev_pop stddev_samp
    variance var_pop var_samp corr covar_pop covar_samp regr_slope regr_intercept regr_r2 percentile_cont
    percentile_disc mode grouping`,
}

/** The functions that a strict statement may call, and those that the caller adds. */
export function allowedFunctions(dialect: Dialect, more: readonly string[] = []): ReadonlySet<string> {
  const names = `${COMMON} ${BY_DIALECT[dialect]}`.trim().split(/\s+/)
  return new Set([...names, ...more.map((name) => name.toLowerCase())])
}

/** Refuses calls that are not allowed, and variables of the server. */
export function checkFunctions(sql: string, { calls, tokens }: Statement, allowed: ReadonlySet<string>): void {
  const variable = tokens.find(({ kind }) => kind === 'variable')
  if (variable !== undefined) throw new SqlParseError('variables are not allowed', sql, { at: variable.start })
  for (const { name, token } of calls) {
    if (!allowed.has(name))
      throw new SqlParseError(`the function ${name} is not allowed`, sql, { at: tokens[token]?.start ?? 0 })
  }
}
