"""The functions of common extensions, which may be installed in any schema.

Generated from pg_proc of a server of each major version by tests/generate/builtin_functions.py: do not edit.
"""

from bot.core.effects.functions.builtin_functions import Overloads, read_functions

EXTENSION_FUNCTIONS: dict[str, Overloads] = read_functions("""
0 0 i 12 17 isn_weak;
0 0 i 12 18 earth uuid_nil uuid_ns_dns uuid_ns_oid uuid_ns_url uuid_ns_x500;
0 0 s 12 18 show_limit;
0 0 s 18 18 isn_weak;
0 0 v 12 18 gen_random_uuid uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4;
0 0 v 18 18 fips_mode;
1 1 i 12 17 isn_weak;
1 1 i 12 18 akeys armor avals citext citext_hash cube cube_dim cube_is_point cube_size dearmor dmetaphone
dmetaphone_alt each gc_to_sec hashean13 hashisbn hashisbn13 hashismn hashismn13 hashissn hashissn13 hashupc hstore
hstore_hash hstore_send hstore_to_array hstore_to_json hstore_to_json_loose hstore_to_jsonb hstore_to_jsonb_loose
hstore_to_matrix hstore_version_diag icount intset is_valid isbn isbn13 ismn ismn13 issn issn13 latitude lca longitude
ltree2text make_valid nlevel pgp_armor_headers pgp_key_id querytree sec_to_gc seg_center seg_lower seg_size seg_upper
show_trgm skeys sort sort_asc sort_desc soundex svals text2ltree text_soundex uniq upc xml_encode_special_chars;
1 1 i 13 18 lquery_send ltree_send ltxtq_send;
1 1 i 14 18 cube_send;
1 1 i 16 18 daitch_mokotoff;
1 1 i 17 18 hash_ltree;
1 1 s 12 18 citextsend crosstab crosstab2 crosstab3 crosstab4 unaccent xml_valid;
1 1 v 12 18 gen_random_bytes gen_salt set_limit;
1 1 v 18 18 isn_weak;
2 2 i 12 18 _int_contained _int_contains _int_different _int_inter _int_overlap _int_same _int_union _lt_q_regex
_lt_q_rregex _ltq_extract_regex _ltq_regex _ltq_rregex _ltree_extract_isparent _ltree_extract_risparent _ltree_isparent
_ltree_r_isparent _ltree_r_risparent _ltree_risparent _ltxtq_exec _ltxtq_extract_exec _ltxtq_rexec boolop btean13cmp
btisbn13cmp btisbncmp btismn13cmp btismncmp btissn13cmp btissncmp btupccmp citext_cmp citext_eq citext_ge citext_gt
citext_hash_extended citext_larger citext_le citext_lt citext_ne citext_pattern_cmp citext_pattern_ge citext_pattern_gt
citext_pattern_le citext_pattern_lt citext_smaller crypt cube cube_cmp cube_contained cube_contains cube_coord
cube_coord_llur cube_distance cube_eq cube_ge cube_gt cube_inter cube_le cube_ll_coord cube_lt cube_ne cube_overlap
cube_subset cube_union cube_ur_coord defined delete difference digest distance_chebyshev distance_taxicab earth_box
earth_distance exist exists_all exists_any fetchval geo_distance hs_concat hs_contained hs_contains hstore hstore_cmp
hstore_eq hstore_ge hstore_gt hstore_hash_extended hstore_le hstore_lt hstore_ne idx index intarray_del_elem
intarray_push_array intarray_push_elem intset_subtract intset_union_elem isdefined isexists isneq isnge isngt isnle
isnlt isnne lca levenshtein ll_to_earth lt_q_regex lt_q_rregex ltq_regex ltq_rregex ltree_addltree ltree_addtext
ltree_cmp ltree_eq ltree_ge ltree_gt ltree_isparent ltree_le ltree_lt ltree_ne ltree_risparent ltree_textadd ltxtq_exec
ltxtq_rexec metaphone pgp_pub_decrypt pgp_pub_decrypt_bytea pgp_sym_decrypt pgp_sym_decrypt_bytea populate_record
rboolop regexp_match regexp_matches regexp_split_to_array regexp_split_to_table seg_cmp seg_contained seg_contains
seg_different seg_ge seg_gt seg_inter seg_le seg_left seg_lt seg_over_left seg_over_right seg_overlap seg_right
seg_same seg_union similarity similarity_dist slice slice_array sort strict_word_similarity
strict_word_similarity_dist_commutator_op strict_word_similarity_dist_op strpos subarray subpath tconvert texticlike
texticnlike texticregexeq texticregexne uuid_generate_v3 uuid_generate_v5 word_similarity
word_similarity_dist_commutator_op word_similarity_dist_op xpath_bool xpath_list xpath_nodeset xpath_number
xpath_string xslt_process;
2 2 i 17 18 hash_ltree_extended;
2 2 s 12 18 crosstab similarity_op strict_word_similarity_commutator_op strict_word_similarity_op unaccent
word_similarity_commutator_op word_similarity_op;
2 2 v 12 18 gen_salt pgp_pub_encrypt pgp_pub_encrypt_bytea pgp_sym_encrypt pgp_sym_encrypt_bytea;
3 3 i 12 18 armor cube cube_enlarge decrypt encrypt hmac index lca levenshtein_less_equal pgp_pub_decrypt
pgp_pub_decrypt_bytea pgp_sym_decrypt pgp_sym_decrypt_bytea regexp_match regexp_matches regexp_replace
regexp_split_to_array regexp_split_to_table replace split_part subarray subltree subpath translate xpath_list
xpath_nodeset;
3 3 v 12 18 normal_rand pgp_pub_encrypt pgp_pub_encrypt_bytea pgp_sym_encrypt pgp_sym_encrypt_bytea xslt_process;
4 4 i 12 18 decrypt_iv encrypt_iv lca pgp_pub_decrypt pgp_pub_decrypt_bytea regexp_replace xpath_nodeset;
5 5 i 12 18 lca levenshtein;
5 5 s 12 18 connectby xpath_table;
6 6 i 12 18 lca levenshtein_less_equal;
6 6 s 12 18 connectby;
7 7 i 12 18 lca;
7 7 s 12 18 connectby;
8 8 i 12 18 lca
""")
