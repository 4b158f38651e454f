"""The functions that an expression may call, with the types of their arguments and results.

Generated from pg_proc by tests/generate/builtin_signatures.py: do not edit. What stands behind operators, casts and
access methods is left out.
"""

TEXT = """
- timestamptz vf clock_timestamp pg_last_xact_replay_timestamp ; - int8 ia count ; - float8 iw cume_dist percent_rank ;
- name sf current_database current_schema current_user getdatabaseencoding getpgusername pg_client_encoding
session_user ; - text vf current_query pg_current_logfile pg_export_snapshot pg_get_wal_replay_pause_state timeofday ;
- datemultirange if datemultirange ; - int8 iw dense_rank rank row_number ; - uuid vf gen_random_uuid uuidv4 uuidv7 ; -
regconfig sf get_current_ts_config ; - text if icu_unicode_version unicode_version ; - inet sf inet_client_addr
inet_server_addr ; - int4 sf inet_client_port inet_server_port pg_backend_pid pg_event_trigger_table_rewrite_reason
pg_trigger_depth ; - int4multirange if int4multirange ; - int8multirange if int8multirange ; - json sf json_build_array
json_build_object ; - jsonb sf jsonb_build_array jsonb_build_object ; - int8 vf lastval ; - timestamptz sf now
pg_conf_load_time pg_postmaster_start_time statement_timestamp transaction_timestamp ; - nummultirange if nummultirange
; - void vf pg_advisory_unlock_all pg_stat_clear_snapshot pg_stat_force_next_flush pg_stat_reset
pg_stop_making_pinned_objects pg_sync_replication_slots pg_wal_replay_pause pg_wal_replay_resume ; - record sfs
pg_available_extension_versions pg_available_extensions pg_config pg_cursor pg_event_trigger_ddl_commands
pg_event_trigger_dropped_objects pg_get_catalog_foreign_keys pg_get_keywords pg_get_replication_slots
pg_prepared_statement pg_show_all_settings pg_timezone_abbrevs_abbrevs pg_timezone_abbrevs_zone pg_timezone_names ; -
record vfs pg_available_wal_summaries pg_get_aios pg_get_backend_memory_contexts pg_get_loaded_modules
pg_get_shmem_allocations pg_get_shmem_allocations_numa pg_get_wait_events pg_get_wal_resource_managers
pg_hba_file_rules pg_ident_file_mappings pg_lock_status pg_prepared_xact pg_show_all_file_settings
pg_show_replication_origin_status ; - record vf pg_control_checkpoint pg_control_init pg_control_recovery
pg_control_system pg_get_wal_summarizer_state pg_last_committed_xact ; - pg_snapshot sf pg_current_snapshot ; - pg_lsn
vf pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn pg_last_wal_receive_lsn pg_last_wal_replay_lsn
pg_log_standby_snapshot pg_switch_wal ; - xid8 sf pg_current_xact_id pg_current_xact_id_if_assigned ; - oid sf
pg_event_trigger_table_rewrite_oid pg_my_temp_schema ; - bool vf pg_is_in_recovery pg_is_wal_replay_paused
pg_jit_available pg_reload_conf pg_rotate_logfile ; - text sfs pg_listening_channels ; - float8 vf
pg_notification_queue_usage random ; - bool sf pg_numa_available ; - float8 if pi ; - text sf system_user version ; -
tsmultirange if tsmultirange ; - tstzmultirange if tstzmultirange ; - int8 sf txid_current txid_current_if_assigned ; -
txid_snapshot sf txid_current_snapshot ; aclitem[] record sfs aclexplode ; any text sf+ concat ; any int8 ia count ;
any float8 ia+ cume_dist percent_rank ; any int8 ia+ dense_rank rank ; any json sf+ json_build_array json_build_object
; any jsonb sf+ jsonb_build_array jsonb_build_object ; any int4 if+ num_nonnulls num_nulls ; any text sf
pg_collation_for pg_column_compression ; any int4 sf pg_column_size ; any oid sf pg_column_toast_chunk_id ; any bool
vf+ pg_restore_attribute_stats pg_restore_relation_stats ; any regtype sf pg_typeof ; any,any json sa json_object_agg
json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict ; any,any jsonb ia jsonb_object_agg
jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict ; anyarray anyarray ia array_agg max min
; anyarray text if array_dims ; anyarray int4 if array_ndims cardinality ; anyarray anyarray if array_reverse
array_sort ; anyarray anyarray vf array_shuffle ; anyarray json sf array_to_json ; anyarray anyelement ifs unnest ;
anyarray,bool anyarray if array_sort ; anyarray,bool json sf array_to_json ; anyarray,bool,bool anyarray if array_sort
; anyarray,int4 int4 if array_length array_lower array_upper ; anyarray,int4 anyarray vf array_sample ; anyarray,int4
int4 ifs generate_subscripts ; anyarray,int4 anyarray if trim_array ; anyarray,int4,bool int4 ifs generate_subscripts ;
anyarray,text text sf array_to_string ; anyarray,text,text text sf array_to_string ; anycompatible,anycompatiblearray
int4 if width_bucket ; anycompatible,int4,anycompatible anycompatible iw lag lead ; anycompatiblearray,anycompatible
int4 if array_position ; anycompatiblearray,anycompatible int4[] if array_positions ; anycompatiblearray,anycompatible
anycompatiblearray if array_remove ; anycompatiblearray,anycompatible,anycompatible anycompatiblearray if array_replace
; anycompatiblearray,anycompatible,int4 int4 if array_position ; anyelement anyelement ia any_value mode ; anyelement
anyelement iw first_value lag last_value lead ; anyelement json sa json_agg json_agg_strict ; anyelement jsonb sa
jsonb_agg jsonb_agg_strict ; anyelement text sf quote_literal quote_nullable ; anyelement json sf to_json ; anyelement
jsonb sf to_jsonb ; anyelement,anyelement anyelement if any_value_transfn ; anyelement,int4 anyelement iw lag lead
nth_value ; anyelement,int4[] anyarray if array_fill ; anyelement,int4[],int4[] anyarray if array_fill ;
anyelement,json,bool anyelement sf1 json_populate_record ; anyelement,json,bool anyelement sfs1 json_populate_recordset
; anyelement,jsonb anyelement sf jsonb_populate_record ; anyelement,jsonb bool sf jsonb_populate_record_valid ;
anyelement,jsonb anyelement sfs jsonb_populate_recordset ; anyenum anyenum sf enum_first enum_last ; anyenum anyarray
sf enum_range ; anyenum anyenum ia max min ; anyenum,anyenum anyarray sf enum_range ; anymultirange bool if isempty
lower_inc lower_inf upper_inc upper_inf ; anymultirange anyelement if lower upper ; anymultirange anymultirange ia
range_agg range_intersect_agg ; anymultirange anyrange if range_merge ; anymultirange anyrange ifs unnest ;
anymultirange,anymultirange anymultirange if multirange_intersect_agg_transfn ; anynonarray anyarray ia array_agg ;
anyrange anyelement if lower upper ; anyrange bool if lower_inc lower_inf upper_inc upper_inf ; anyrange anymultirange
if multirange ; anyrange anymultirange ia range_agg ; anyrange anyrange ia range_intersect_agg ; anyrange,anyrange
anyrange if range_intersect_agg_transfn ; bit bit ia bit_and bit_or bit_xor ; bit int8 if bit_count int8 ; bit int4 if
bit_length int4 length octet_length ; bit,bit int4 if position ; bit,bit,int4 bit if overlay ; bit,bit,int4,int4 bit if
overlay ; bit,int4 int4 if get_bit ; bit,int4 bit if substring ; bit,int4,bool bit if bit ; bit,int4,int4 bit if
set_bit substring ; bool bool ia bool_and bool_or every ; bool name[] sf current_schemas ; bool int4 if int4 ; bool
record vf1 pg_backup_stop ; bool text if text ; bool,bool bool if booland_statefunc boolor_statefunc ; bool,bool,text
xml sf database_to_xml database_to_xml_and_xmlschema database_to_xmlschema ; bool,int4 bool vf2 pg_promote ; box float8
if area height width ; box point if center point ; box circle if circle ; box lseg if diagonal lseg ; box polygon if
polygon ; bpchar int4 if char_length character_length length octet_length ; bpchar bpchar ia max min ; bpchar name if
name ; bpchar text if text ; bpchar,int4,bool bpchar if bpchar ; bytea int8 if bit_count crc32 crc32c int8 ; bytea int4
if bit_length int4 length octet_length ; bytea int2 if int2 ; bytea bytea ia max min ; bytea text if md5 ; bytea bytea
if reverse sha224 sha256 sha384 sha512 ; bytea,bytea bytea if btrim like_escape ltrim rtrim ; bytea,bytea bool if like
notlike ; bytea,bytea int4 if position ; bytea,bytea bytea ia string_agg ; bytea,bytea,int4 bytea if overlay ;
bytea,bytea,int4,int4 bytea if overlay ; bytea,int4 int4 if get_byte ; bytea,int4 bytea if substr substring ;
bytea,int4,int4 bytea if set_byte substr substring ; bytea,int8 int4 if get_bit ; bytea,int8,int4 bytea if set_bit ;
bytea,name text sf convert_from ; bytea,name int4 sf length ; bytea,name,name bytea sf convert ; bytea,text text if
encode ; char bpchar if bpchar ; char int4 if int4 ; char text if text ; char,oid aclitem[] if acldefault ; cidr text
if abbrev ; cidr,int4 cidr if set_masklen ; circle float8 if area diameter radius ; circle box if box ; circle point if
center point ; circle polygon if polygon ; cstring[] int4 if bittypmodin bpchartypmodin intervaltypmodin
numerictypmodin timestamptypmodin timestamptztypmodin timetypmodin timetztypmodin varbittypmodin varchartypmodin ; date
bool if isfinite ; date date ia max min ; date timestamp if timestamp ; date timestamptz sf timestamptz ; date,date
daterange if daterange ; date,date float8 if daterange_subdiff ; date,date,text daterange if daterange ; date,time
timestamp if timestamp ; date,time timestamptz sf timestamptz ; date,timetz timestamptz if timestamptz ; daterange
datemultirange if datemultirange ; daterange daterange if daterange_canonical ; daterange[] datemultirange if+
datemultirange ; float4 float4 if abs ; float4 float8 ia avg stddev stddev_pop stddev_samp var_pop var_samp variance ;
float4 float8 if float8 ; float4 int2 if int2 ; float4 int4 if int4 ; float4 int8 if int8 ; float4 float4 ia max min
sum ; float4 numeric if numeric ; float4,text text sf to_char ; float4[],tsvector,tsquery float4 if ts_rank ts_rank_cd
; float4[],tsvector,tsquery,int4 float4 if ts_rank ts_rank_cd ; float8 float8 if abs acos acosd acosh asin asind asinh
atan atand atanh cbrt ceil ceiling cos cosd cosh cot cotd degrees dexp dlog1 dlog10 dround dtrunc erf erfc exp floor
gamma lgamma ln log log10 radians round sign sin sind sinh sqrt tan tand tanh trunc ; float8 float8 ia avg max min
stddev stddev_pop stddev_samp sum var_pop var_samp variance ; float8 float4 if float4 ; float8 int2 if int2 ; float8
int4 if int4 ; float8 int8 if int8 ; float8 numeric if numeric ; float8 void vf pg_sleep setseed ; float8 timestamptz
if to_timestamp ; float8,anyelement anyelement ia percentile_disc ; float8,float8 float8 if atan2 atan2d pow power ;
float8,float8 float8 ia corr covar_pop covar_samp percentile_cont regr_avgx regr_avgy regr_intercept regr_r2 regr_slope
regr_sxx regr_sxy regr_syy ; float8,float8 point if point ; float8,float8 float8 vf2 random_normal ; float8,float8 int8
ia regr_count ; float8,float8,float8,int4 int4 if width_bucket ; float8,interval interval ia percentile_cont ;
float8,text text sf to_char ; float8[] float8 if float8_avg float8_corr float8_covar_pop float8_covar_samp
float8_regr_avgx float8_regr_avgy float8_regr_intercept float8_regr_r2 float8_regr_slope float8_regr_sxx
float8_regr_sxy float8_regr_syy float8_stddev_pop float8_stddev_samp float8_var_pop float8_var_samp ;
float8[],anyelement anyarray ia percentile_disc ; float8[],float8 float8[] ia percentile_cont ; float8[],interval
interval[] ia percentile_cont ; inet text if abbrev host text ; inet inet if broadcast hostmask netmask ; inet cidr if
cidr network ; inet int4 if family masklen ; inet inet ia max min ; inet,int4 inet if set_masklen ; int2 int2 if abs ;
int2 numeric ia avg stddev stddev_pop stddev_samp var_pop var_samp variance ; int2 int2 ia bit_and bit_or bit_xor max
min ; int2 bytea if bytea ; int2 float4 if float4 ; int2 float8 if float8 ; int2 int4 if int4 ; int2 int8 if int8 ;
int2 numeric if numeric ; int2 int8 ia sum ; int2,int2 int2 if mod ; int4 int4 if abs int4inc pg_encoding_max_length ;
int4 numeric ia avg stddev stddev_pop stddev_samp var_pop var_samp variance ; int4 int4 ia bit_and bit_or bit_xor max
min ; int4 bool if bool ; int4 bytea if bytea ; int4 char if char ; int4 text if chr to_bin to_hex to_oct ; int4 float4
if float4 ; int4 float8 if float8 ; int4 int2 if int2 ; int4 int8 if int8 ; int4 int4 vf lo_close lo_tell ; int4 oid vf
lo_creat ; int4 int8 vf lo_tell64 ; int4 money sf money ; int4 int4 iw ntile ; int4 numeric if numeric ; int4 int4[] vf
pg_blocking_pids pg_safe_snapshot_blocking_pids ; int4 bool vf pg_cancel_backend pg_log_backend_memory_contexts ; int4
name sf pg_encoding_to_char ; int4 void vf pg_stat_reset_backend_stats ; int4 int8 ia sum ; int4,bytea int4 vf lowrite
; int4,circle polygon if polygon ; int4,int4 bit if bit ; int4,int4 int4 if gcd lcm mod ; int4,int4 int4 ifs
generate_series ; int4,int4 int4range if int4range ; int4,int4 float8 if int4range_subdiff ; int4,int4 int4 vf
lo_truncate random ; int4,int4 bytea vf loread ; int4,int4 void vf pg_advisory_lock pg_advisory_lock_shared
pg_advisory_xact_lock pg_advisory_xact_lock_shared ; int4,int4 bool vf pg_advisory_unlock pg_advisory_unlock_shared
pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared ;
int4,int4,float8 time if make_time ; int4,int4,int4 int4 ifs generate_series ; int4,int4,int4 int4 vf lo_lseek ;
int4,int4,int4 date if make_date ; int4,int4,int4,int4,int4,float8 timestamp if make_timestamp ;
int4,int4,int4,int4,int4,float8 timestamptz sf make_timestamptz ; int4,int4,int4,int4,int4,float8,text timestamptz sf
make_timestamptz ; int4,int4,int4,int4,int4,int4,float8 interval if7 make_interval ; int4,int4,text int4range if
int4range ; int4,int4[] bool vf pg_isolation_test_session_is_blocked ; int4,int8 int4 vf lo_truncate64 ; int4,int8 bool
vf1 pg_terminate_backend ; int4,int8,int4 int8 vf lo_lseek64 ; int4,text text sf to_char ; int4range int4multirange if
int4multirange ; int4range int4range if int4range_canonical ; int4range[] int4multirange if+ int4multirange ; int8 int8
if abs int8dec int8inc ; int8 numeric ia avg stddev stddev_pop stddev_samp sum var_pop var_samp variance ; int8 int8 ia
bit_and bit_or bit_xor max min ; int8 bytea if bytea ; int8 numeric if factorial numeric ; int8 float4 if float4 ; int8
float8 if float8 ; int8 int2 if int2 ; int8 int4 if int4 ; int8 money sf money ; int8 oid if oid ; int8 void vf
pg_advisory_lock pg_advisory_lock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared ; int8 bool vf
pg_advisory_unlock pg_advisory_unlock_shared pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock
pg_try_advisory_xact_lock_shared ; int8 text if pg_size_pretty to_bin to_hex to_oct ; int8 text vf txid_status ;
int8,any int8 if int8dec_any int8inc_any ; int8,float8,float8 int8 if int8inc_float8_float8 ; int8,int2 int8 if
int2_sum ; int8,int4 bit if bit ; int8,int4 int8 if int4_sum ; int8,int8 int8 if gcd lcm mod ; int8,int8 int8 ifs
generate_series ; int8,int8 int8range if int8range ; int8,int8 float8 if int8range_subdiff ; int8,int8 int8 vf random ;
int8,int8,int8 int8 ifs generate_series ; int8,int8,text int8range if int8range ; int8,pg_lsn,pg_lsn record vfs
pg_wal_summary_contents ; int8,text text sf to_char ; int8,txid_snapshot bool if txid_visible_in_snapshot ; int8[] int8
if int2int4_sum ; int8[] numeric if int8_avg ; int8range int8multirange if int8multirange ; int8range int8range if
int8range_canonical ; int8range[] int8multirange if+ int8multirange ; interval interval ia avg max min sum ; interval
bool if isfinite ; interval interval if justify_days justify_hours justify_interval ; interval void vf pg_sleep_for ;
interval time if time ; interval uuid vf uuidv7 ; interval,int4 interval if interval ; interval,text text sf to_char ;
interval,timestamp timestamptz if timezone ; interval,timestamp,timestamp timestamp if date_bin ; interval,timestamptz
timestamp if timezone ; interval,timestamptz,timestamptz timestamptz if date_bin ; interval,timetz timetz if timezone ;
json json ifs json_array_elements ; json text ifs json_array_elements_text json_object_keys ; json int4 if
json_array_length ; json record ifs json_each json_each_text ; json record sf json_to_record ; json record sfs
json_to_recordset ; json text if json_typeof ; json tsvector sf to_tsvector ; json,bool json if1 json_strip_nulls ;
json,jsonb tsvector sf json_to_tsvector ; json,tsquery json sf ts_headline ; json,tsquery,text json sf ts_headline ;
jsonb bool if bool ; jsonb float4 if float4 ; jsonb float8 if float8 ; jsonb int2 if int2 ; jsonb int4 if int4
jsonb_array_length ; jsonb int8 if int8 ; jsonb jsonb ifs jsonb_array_elements ; jsonb text ifs
jsonb_array_elements_text jsonb_object_keys ; jsonb record ifs jsonb_each jsonb_each_text ; jsonb text if jsonb_pretty
jsonb_typeof ; jsonb record sf jsonb_to_record ; jsonb record sfs jsonb_to_recordset ; jsonb numeric if numeric ; jsonb
tsvector sf to_tsvector ; jsonb,bool jsonb if1 jsonb_strip_nulls ; jsonb,jsonb tsvector sf jsonb_to_tsvector ;
jsonb,jsonpath,jsonb,bool bool if2 jsonb_path_exists jsonb_path_match ; jsonb,jsonpath,jsonb,bool bool sf2
jsonb_path_exists_tz jsonb_path_match_tz ; jsonb,jsonpath,jsonb,bool jsonb ifs2 jsonb_path_query ;
jsonb,jsonpath,jsonb,bool jsonb if2 jsonb_path_query_array jsonb_path_query_first ; jsonb,jsonpath,jsonb,bool jsonb sf2
jsonb_path_query_array_tz jsonb_path_query_first_tz ; jsonb,jsonpath,jsonb,bool jsonb sfs2 jsonb_path_query_tz ;
jsonb,text[],jsonb,bool jsonb if1 jsonb_insert jsonb_set ; jsonb,text[],jsonb,bool,text jsonb if2 jsonb_set_lax ;
jsonb,tsquery jsonb sf ts_headline ; jsonb,tsquery,text jsonb sf ts_headline ; line bool if ishorizontal isvertical ;
line,line bool if isparallel isperp ; lseg bool if ishorizontal isvertical ; lseg float8 if length ; lseg point if
point ; lseg,lseg bool if isparallel isperp ; macaddr macaddr8 if macaddr8 ; macaddr macaddr if trunc ; macaddr8
macaddr if macaddr ; macaddr8 macaddr8 if macaddr8_set7bit trunc ; money text if cash_words ; money money ia max min
sum ; money numeric sf numeric ; name bpchar if bpchar ; name int4 sf pg_char_to_encoding ; name int8 vf
pg_database_size pg_tablespace_size ; name void vf pg_drop_replication_slot ; name record sfs pg_extension_update_paths
; name text if text ; name varchar if varchar ; name,bool,bool record vf2 pg_create_physical_replication_slot ;
name,bool,bool,text xml sf schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema ; name,name record vf
pg_copy_logical_replication_slot pg_copy_physical_replication_slot ; name,name,bool record vf
pg_copy_logical_replication_slot pg_copy_physical_replication_slot ; name,name,bool,bool,bool record vf3
pg_create_logical_replication_slot ; name,name,bool,name record vf pg_copy_logical_replication_slot ; name,name,text
bool sf pg_has_role ; name,oid name if nameconcatoid ; name,oid,int2,text bool sf has_column_privilege ; name,oid,text
bool sf has_any_column_privilege has_database_privilege has_foreign_data_wrapper_privilege has_function_privilege
has_language_privilege has_largeobject_privilege has_schema_privilege has_sequence_privilege has_server_privilege
has_table_privilege has_tablespace_privilege has_type_privilege pg_has_role ; name,oid,text,text bool sf
has_column_privilege ; name,text bool if like notlike ; name,text bool sf pg_has_role ; name,text,int2,text bool sf
has_column_privilege ; name,text,text bool sf has_any_column_privilege has_database_privilege
has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege has_parameter_privilege
has_schema_privilege has_sequence_privilege has_server_privilege has_table_privilege has_tablespace_privilege
has_type_privilege ; name,text,text,text bool sf has_column_privilege ; numeric numeric if abs ceil ceiling exp floor
ln log log10 numeric_exp numeric_inc numeric_ln numeric_sqrt round sign sqrt trim_scale trunc ; numeric numeric ia avg
max min stddev stddev_pop stddev_samp sum var_pop var_samp variance ; numeric float4 if float4 ; numeric float8 if
float8 ; numeric int2 if int2 ; numeric int4 if int4 min_scale scale ; numeric int8 if int8 ; numeric money sf money ;
numeric text if pg_size_pretty ; numeric,int4 numeric if numeric round trunc ; numeric,int8 numeric if int8_sum ;
numeric,numeric numeric if div gcd lcm log mod numeric_div_trunc numeric_log pow power ; numeric,numeric numeric ifs
generate_series ; numeric,numeric numrange if numrange ; numeric,numeric float8 if numrange_subdiff ; numeric,numeric
numeric vf random ; numeric,numeric,numeric numeric ifs generate_series ; numeric,numeric,numeric,int4 int4 if
width_bucket ; numeric,numeric,text numrange if numrange ; numeric,text text sf to_char ; numrange nummultirange if
nummultirange ; numrange[] nummultirange if+ nummultirange ; oid bool vf amvalidate ; oid void sf fmgr_c_validator
fmgr_internal_validator fmgr_sql_validator ; oid int8 if int8 ; oid oid vf lo_create ; oid bytea vf lo_get ; oid int4
vf lo_unlink ; oid oid ia max min ; oid text sf obj_description pg_get_constraintdef pg_get_function_arguments
pg_get_function_identity_arguments pg_get_function_result pg_get_function_sqlbody pg_get_functiondef pg_get_indexdef
pg_get_partition_constraintdef pg_get_partkeydef pg_get_ruledef pg_get_statisticsobjdef pg_get_statisticsobjdef_columns
pg_get_triggerdef pg_get_viewdef pg_tablespace_location ; oid text vf pg_collation_actual_version
pg_database_collation_actual_version ; oid bool sf pg_collation_is_visible pg_conversion_is_visible
pg_function_is_visible pg_is_other_temp_schema pg_opclass_is_visible pg_operator_is_visible pg_opfamily_is_visible
pg_statistics_obj_is_visible pg_table_is_visible pg_ts_config_is_visible pg_ts_dict_is_visible pg_ts_parser_is_visible
pg_ts_template_is_visible pg_type_is_visible row_security_active ; oid int8 vf pg_database_size pg_tablespace_size ;
oid text[] sf pg_get_statisticsobjdef_expressions ; oid name sf pg_get_userbyid ; oid record sf pg_sequence_parameters
; oid void vf pg_stat_reset_single_function_counters pg_stat_reset_single_table_counters
pg_stat_reset_subscription_stats plpgsql_validator ; oid oid sfs pg_tablespace_databases ; oid record ifs ts_token_type
; oid,bool text sf pg_get_constraintdef pg_get_ruledef pg_get_triggerdef pg_get_viewdef ; oid,bytea oid vf
lo_from_bytea ; oid,int2,text bool sf has_column_privilege ; oid,int4 text sf col_description format_type
pg_get_function_arg_default pg_get_viewdef ; oid,int4 int4 vf lo_open ; oid,int4,bool text sf pg_get_indexdef ;
oid,int4,int4,any bool if+ satisfies_hash_partition ; oid,int8 text if pg_indexam_progress_phasename ; oid,int8,bytea
void vf lo_put ; oid,int8,int4 bytea vf lo_get ; oid,name text sf obj_description shobj_description ; oid,name,text
bool sf pg_has_role ; oid,oid regclass sf pg_filenode_relation ; oid,oid,int2,text bool sf has_column_privilege ;
oid,oid,int4 text sf pg_describe_object ; oid,oid,int4 aclitem[] sf pg_get_acl ; oid,oid,int4 record sf
pg_identify_object pg_identify_object_as_address ; oid,oid,text bool sf has_any_column_privilege has_database_privilege
has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege has_largeobject_privilege
has_schema_privilege has_sequence_privilege has_server_privilege has_table_privilege has_tablespace_privilege
has_type_privilege pg_has_role ; oid,oid,text,bool aclitem if makeaclitem ; oid,oid,text,text bool sf
has_column_privilege ; oid,text bool sf has_any_column_privilege has_database_privilege
has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege has_largeobject_privilege
has_schema_privilege has_sequence_privilege has_server_privilege has_table_privilege has_tablespace_privilege
has_type_privilege pg_has_role pg_indexam_has_property ; oid,text int4 vf lo_export ; oid,text record ifs ts_parse ;
oid,text,int2,text bool sf has_column_privilege ; oid,text,text bool sf has_any_column_privilege has_column_privilege
has_database_privilege has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege
has_parameter_privilege has_schema_privilege has_sequence_privilege has_server_privilege has_table_privilege
has_tablespace_privilege has_type_privilege ; oid,text,text,text bool sf has_column_privilege ; oid[] text sf
oidvectortypes ; path float8 if area length ; path bool if isclosed isopen ; path int4 if npoints ; path path if pclose
popen ; path polygon if polygon ; pg_lsn pg_lsn ia max min ; pg_lsn text if pg_walfile_name ; pg_lsn record if
pg_walfile_name_offset ; pg_lsn,pg_lsn numeric if pg_wal_lsn_diff ; pg_mcv_list record sfs pg_mcv_list_items ;
pg_node_tree,oid text sf pg_get_expr ; pg_node_tree,oid,bool text sf pg_get_expr ; pg_snapshot xid8 ifs pg_snapshot_xip
; pg_snapshot xid8 if pg_snapshot_xmax pg_snapshot_xmin ; point box if box ; point,float8 circle if circle ;
point,point box if box ; point,point bool if ishorizontal isvertical ; point,point line if line ; point,point lseg if
lseg ; point,point float8 if slope ; polygon box if box ; polygon circle if circle ; polygon int4 if npoints ; polygon
path if path ; polygon point if point ; record record ia max min ; record json sf row_to_json ; record,bool json sf
row_to_json ; refcursor,bool,bool,text xml vf cursor_to_xmlschema ; refcursor,int4,bool,bool,text xml vf cursor_to_xml
; regclass int4 vf brin_summarize_new_values ; regclass int8 vf currval gin_clean_pending_list nextval pg_indexes_size
pg_relation_size pg_sequence_last_value pg_table_size pg_total_relation_size ; regclass regclass sf
pg_get_replica_identity_index ; regclass record vf pg_get_sequence_data ; regclass regclass vfs pg_partition_ancestors
; regclass regclass if pg_partition_root ; regclass record vfs pg_partition_tree ; regclass oid sf pg_relation_filenode
; regclass text sf pg_relation_filepath ; regclass bool sf pg_relation_is_publishable ; regclass,bool int4 sf
pg_relation_is_updatable ; regclass,bool,bool,text xml sf table_to_xml table_to_xml_and_xmlschema table_to_xmlschema ;
regclass,int2,bool bool sf pg_column_is_updatable ; regclass,int4,text bool sf pg_index_column_has_property ;
regclass,int8 void vf brin_desummarize_range ; regclass,int8 int4 vf brin_summarize_range ; regclass,int8 int8 vf
setval ; regclass,int8,bool int8 vf setval ; regclass,name,regclass oid vf pg_nextoid ; regclass,text void vf
pg_extension_config_dump ; regclass,text bool sf pg_index_has_property ; regclass,text int8 vf pg_relation_size ;
regconfig,json tsvector if to_tsvector ; regconfig,json,jsonb tsvector if json_to_tsvector ; regconfig,json,tsquery
json if ts_headline ; regconfig,json,tsquery,text json if ts_headline ; regconfig,jsonb tsvector if to_tsvector ;
regconfig,jsonb,jsonb tsvector if jsonb_to_tsvector ; regconfig,jsonb,tsquery jsonb if ts_headline ;
regconfig,jsonb,tsquery,text jsonb if ts_headline ; regconfig,text tsquery if phraseto_tsquery plainto_tsquery
to_tsquery websearch_to_tsquery ; regconfig,text tsvector if to_tsvector ; regconfig,text record sfs ts_debug ;
regconfig,text,tsquery text if ts_headline ; regconfig,text,tsquery,text text if ts_headline ; regdictionary,text
text[] if ts_lexize ; regnamespace int4 vf pg_import_system_collations ; regtype regtype sf pg_basetype ; text int4 if
ascii bit_length char_length character_length length octet_length textlen ; text text if btrim casefold initcap lower
ltrim md5 quote_ident quote_literal quote_nullable reverse rtrim similar_to_escape to_ascii unistr upper ; text char if
char ; text text sf current_setting format pg_get_viewdef ; text oid vf lo_import ; text text ia max min ; text name if
name ; text pg_lsn vf pg_create_restore_point ; text text vf pg_current_logfile pg_read_file ; text bytea vf
pg_read_binary_file ; text text[] sf pg_settings_get_flags ; text int8 if pg_size_bytes ; text record sf
pg_split_walfile_name ; text record vf pg_stat_file ; text void vf pg_stat_reset_replication_slot ; text void vf1
pg_stat_reset_shared pg_stat_reset_slru ; text tsquery sf phraseto_tsquery plainto_tsquery to_tsquery
websearch_to_tsquery ; text regclass sf regclass to_regclass ; text bool sf row_security_active xml_is_well_formed ;
text regcollation sf to_regcollation ; text regnamespace sf to_regnamespace ; text regoper sf to_regoper ; text
regoperator sf to_regoperator ; text regproc sf to_regproc ; text regprocedure sf to_regprocedure ; text regrole sf
to_regrole ; text regtype sf to_regtype ; text int4 sf to_regtypemod ; text tsvector sf to_tsvector ; text record sfs
ts_debug ts_token_type ; text record vfs ts_stat ; text bool if unicode_assigned xml_is_well_formed_content
xml_is_well_formed_document ; text xml sf xml ; text xml if xmlcomment xmltext ; text,any text sf+ concat_ws format ;
text,bool text sf current_setting pg_get_viewdef ; text,bool text[] if1 parse_ident ; text,bool pg_lsn vf1
pg_backup_start ; text,bool bytea vf pg_read_binary_file ; text,bool text vf pg_read_file ; text,bool record vf
pg_stat_file ; text,bool,bool,text xml vf query_to_xml query_to_xml_and_xmlschema query_to_xmlschema ; text,date float8
if date_part ; text,date numeric if extract ; text,int2,text bool sf has_column_privilege ; text,int4 text if left lpad
repeat right rpad substr substring to_ascii ; text,int4,int4 text if substr substring ; text,int4,text text if lpad
rpad ; text,int8,int8 bytea vf pg_read_binary_file ; text,int8,int8 text vf pg_read_file ; text,int8,int8,bool bytea vf
pg_read_binary_file ; text,int8,int8,bool text vf pg_read_file ; text,interval float8 if date_part ; text,interval
interval if date_trunc ; text,interval numeric if extract ; text,name bytea sf convert_to ; text,name text if to_ascii
; text,oid oid vf lo_import ; text,oid,int8 bool vf pg_stat_have_stats ; text,text text if btrim like_escape ltrim
regexp_substr rtrim similar_escape similar_to_escape substring ; text,text bytea if decode ; text,text bool sf
has_any_column_privilege has_database_privilege has_foreign_data_wrapper_privilege has_function_privilege
has_language_privilege has_parameter_privilege has_schema_privilege has_sequence_privilege has_server_privilege
has_table_privilege has_tablespace_privilege has_type_privilege pg_input_is_valid ; text,text bool if1 is_normalized ;
text,text bool if like notlike regexp_like ; text,text text if1 normalize ; text,text void vf pg_clear_relation_stats
pg_notify ; text,text text sf pg_get_serial_sequence ; text,text record sf pg_input_error_info ; text,text int4 if
position regexp_count regexp_instr strpos ; text,text text[] if regexp_match regexp_split_to_array string_to_array ;
text,text text[] ifs regexp_matches ; text,text text ifs regexp_split_to_table string_to_table ; text,text text ia
string_agg ; text,text date sf to_date ; text,text numeric sf to_number ; text,text timestamptz sf to_timestamp ;
text,text record sfs ts_parse ; text,text record vfs ts_stat ; text,text,bool text vf set_config ; text,text,int4 text
if overlay regexp_substr split_part ; text,text,int4 int4 if regexp_count regexp_instr ; text,text,int4,int4 text if
overlay regexp_substr ; text,text,int4,int4 int4 if regexp_instr ; text,text,int4,int4,int4 int4 if regexp_instr ;
text,text,int4,int4,int4,text int4 if regexp_instr ; text,text,int4,int4,int4,text,int4 int4 if regexp_instr ;
text,text,int4,int4,text text if regexp_substr ; text,text,int4,int4,text,int4 text if regexp_substr ;
text,text,int4,text int4 if regexp_count ; text,text,text bool sf has_column_privilege ; text,text,text bool if
regexp_like ; text,text,text text[] if regexp_match regexp_split_to_array string_to_array ; text,text,text text[] ifs
regexp_matches ; text,text,text text if regexp_replace replace substring translate ; text,text,text text ifs
regexp_split_to_table string_to_table ; text,text,text,bool void vf pg_clear_attribute_stats ; text,text,text,int4 text
if regexp_replace ; text,text,text,int4,int4 text if regexp_replace ; text,text,text,int4,int4,text text if
regexp_replace ; text,text,text,text text if regexp_replace ; text,text[],text[] record sf pg_get_object_address ;
text,tid tid vf currtid2 ; text,time float8 if date_part ; text,time numeric if extract ; text,timestamp float8 if
date_part ; text,timestamp timestamp if date_trunc ; text,timestamp numeric if extract ; text,timestamp timestamptz if
timezone ; text,timestamptz float8 sf date_part ; text,timestamptz timestamptz sf date_trunc ; text,timestamptz numeric
sf extract ; text,timestamptz timestamp if timezone ; text,timestamptz,text timestamptz if date_trunc ; text,timetz
float8 if date_part ; text,timetz numeric if extract ; text,timetz timetz sf timezone ; text,tsquery text sf
ts_headline ; text,tsquery,text text sf ts_headline ; text,xml bool if xmlexists xpath_exists ; text,xml xml[] if xpath
; text,xml,text[] xml[] if xpath ; text,xml,text[] bool if xpath_exists ; text[] tsvector if array_to_tsvector ; text[]
json if json_object ; text[] jsonb if jsonb_object ; text[] record sfs+ pg_get_publication_tables ; text[] record sfs
pg_options_to_table ; text[],oid bool if postgresql_fdw_validator ; text[],text[] json if json_object ; text[],text[]
jsonb if jsonb_object ; tid tid ia max min ; time interval if interval ; time time ia max min ; time timetz sf timetz ;
time,int4 time if time ; time,interval,time,interval bool if overlaps ; time,interval,time,time bool if overlaps ;
time,time,time,interval bool if overlaps ; time,time,time,time bool if overlaps ; timestamp interval sf age ; timestamp
date if date ; timestamp bool if isfinite ; timestamp timestamp ia max min ; timestamp time if time ; timestamp
timestamptz sf timestamptz timezone ; timestamp,int4 timestamp if timestamp ; timestamp,interval,timestamp,interval
bool if overlaps ; timestamp,interval,timestamp,timestamp bool if overlaps ; timestamp,text text sf to_char ;
timestamp,timestamp interval if age ; timestamp,timestamp tsrange if tsrange ; timestamp,timestamp float8 if
tsrange_subdiff ; timestamp,timestamp,interval timestamp ifs generate_series ; timestamp,timestamp,text tsrange if
tsrange ; timestamp,timestamp,timestamp,interval bool if overlaps ; timestamp,timestamp,timestamp,timestamp bool if
overlaps ; timestamptz interval sf age ; timestamptz date sf date ; timestamptz bool if isfinite ; timestamptz
timestamptz ia max min ; timestamptz void vf pg_sleep_until ; timestamptz time sf time ; timestamptz timestamp sf
timestamp timezone ; timestamptz timetz sf timetz ; timestamptz,int4 timestamptz if timestamptz ; timestamptz,interval
timestamptz sf date_add date_subtract ; timestamptz,interval,text timestamptz if date_add date_subtract ;
timestamptz,interval,timestamptz,interval bool sf overlaps ; timestamptz,interval,timestamptz,timestamptz bool sf
overlaps ; timestamptz,text text sf to_char ; timestamptz,timestamptz interval if age ; timestamptz,timestamptz
tstzrange if tstzrange ; timestamptz,timestamptz float8 if tstzrange_subdiff ; timestamptz,timestamptz,interval
timestamptz sfs generate_series ; timestamptz,timestamptz,interval,text timestamptz ifs generate_series ;
timestamptz,timestamptz,text tstzrange if tstzrange ; timestamptz,timestamptz,timestamptz,interval bool sf overlaps ;
timestamptz,timestamptz,timestamptz,timestamptz bool if overlaps ; timetz timetz ia max min ; timetz time if time ;
timetz timetz sf timezone ; timetz,int4 timetz if timetz ; timetz,timetz,timetz,timetz bool if overlaps ; tsquery int4
if numnode ; tsquery text if querytree ; tsquery,text tsquery vf ts_rewrite ; tsquery,tsquery,int4 tsquery if
tsquery_phrase ; tsquery,tsquery,tsquery tsquery if ts_rewrite ; tsrange tsmultirange if tsmultirange ; tsrange[]
tsmultirange if+ tsmultirange ; tstzrange tstzmultirange if tstzmultirange ; tstzrange[] tstzmultirange if+
tstzmultirange ; tsvector int4 if length ; tsvector tsvector if strip ; tsvector text[] if tsvector_to_array ; tsvector
record ifs unnest ; tsvector,char tsvector if setweight ; tsvector,char,text[] tsvector if setweight ; tsvector,char[]
tsvector if ts_filter ; tsvector,text tsvector if ts_delete ; tsvector,text[] tsvector if ts_delete ; tsvector,tsquery
float4 if ts_rank ts_rank_cd ; tsvector,tsquery,int4 float4 if ts_rank ts_rank_cd ; txid_snapshot int8 ifs
txid_snapshot_xip ; txid_snapshot int8 if txid_snapshot_xmax txid_snapshot_xmin ; uuid timestamptz if
uuid_extract_timestamp ; uuid int2 if uuid_extract_version ; varbit,int4,bool varbit if varbit ; varchar name if name ;
varchar,int4,bool varchar if varchar ; xid int4 sf age mxid_age ; xid record vfs pg_get_multixact_members ; xid
timestamptz vf pg_xact_commit_timestamp ; xid record vf pg_xact_commit_timestamp_origin ; xid8 xid8 ia max min ; xid8
text vf pg_xact_status ; xid8 xid if xid ; xid8,pg_snapshot bool if pg_visible_in_snapshot ; xml text if text ; xml xml
ia xmlagg ; xml,text bool if xmlvalidate ; xml,xml xml if xmlconcat2
"""
"""Entries of argument types, result, traits and names. Traits: volatility (i, s, v), kind (f, a, w, p), `s` for a
set, the number of defaults, `+` for VARIADIC."""
