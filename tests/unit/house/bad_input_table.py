"""Each kind of bad input, the codes it is refused with, and the tests that prove it: `path::test`, below `tests/`.

A code is what people and programs are told; each has a sentence in both languages. `test_bad_input_table` fails when a test
named here does not exist, or a code has no sentence.
"""

from dataclasses import dataclass

SCRIPTS = "scripts/test_bad_input_"
LYING = f"{SCRIPTS}lying_server.py::"
FILES = f"{SCRIPTS}files.py::"
CLOCK = f"{SCRIPTS}clock_and_size.py::"
DAMAGE = "unit/sealing/test_content_damage.py::"
OPENING = "unit/client/test_opening_client.py::"
REGISTER = "web/test_reports_registration.py::"
REFUSALS = "web/test_reports_refusals.py::"
UPLOADS = "web/test_reports_uploads.py::"
IDENTITY = "unit/keys/test_keys_identity.py::"
STATEMENT = "unit/keys/test_keys_statement.py::"
REPORTS = "unit/statements/test_statement_reports.py::"
SEALED = "properties/test_sealing_parsers.py::"
KEYS = "properties/test_keys_parsers.py::"
CASES = "unit/policies/test_policies_case_file.py::"
CHANGED = "test_what_belongs_to_a_report_is_held_to_what_was_signed"


@dataclass(frozen=True)
class Line:
    """One line: its codes, the tests of the room that refuses it, and those that show it to a person, end to end."""

    codes: tuple[str, ...]
    rooms: tuple[str, ...]
    end_to_end: tuple[str, ...]


TABLE: dict[str, Line] = {
    "pieces damaged": Line(
        ("root_mismatch", "digest_mismatch"),
        (DAMAGE + "test_one_changed_bit_anywhere_is_found", UPLOADS + "test_the_digest_is_required_and_must_fit"),
        (LYING + "test_pieces_that_are_not_those_that_were_sealed",),
    ),
    "pieces truncated": Line(
        ("piece_size",),
        (DAMAGE + "test_a_cut_or_made_up_end_is_found", UPLOADS + "test_sizes_and_numbers"),
        (LYING + "test_pieces_that_are_not_those_that_were_sealed",),
    ),
    "pieces reordered": Line(
        ("root_mismatch",),
        (DAMAGE + "test_pieces_in_another_order_or_of_another_part_are_found",),
        (LYING + "test_pieces_that_are_not_those_that_were_sealed",),
    ),
    "pieces foreign": Line(
        ("root_mismatch", "piece_root_differs", "piece_differs"),
        (
            OPENING + "test_foreign_pieces_are_refused_and_thrown_away",
            REGISTER + "test_pieces_that_are_not_those_described",
            UPLOADS + "test_other_bytes_for_a_stored_piece",
        ),
        (LYING + "test_pieces_that_are_not_those_that_were_sealed",),
    ),
    "headers damaged, truncated or foreign": Line(
        ("malformed", "report_answer", "bad_signature"),
        (
            REPORTS + "test_another_form_is_malformed",
            REFUSALS + "test_headers",
            REGISTER + "test_a_changed_signature",
            "properties/test_statements_parsers.py::test_a_changed_payload_is_refused_or_prints_back",
        ),
        (LYING + CHANGED,),
    ),
    "envelopes damaged, truncated or foreign": Line(
        ("envelope_mismatch",),
        (
            "unit/sealing/test_envelope.py::test_a_damaged_envelope_does_not_open",
            "unit/sealing/test_envelope.py::test_an_envelope_for_another_key_is_refused",
            OPENING + "test_an_envelope_for_somebody_else_is_refused",
            REFUSALS + "test_an_envelope_for_another_place",
        ),
        (LYING + CHANGED,),
    ),
    "manifests damaged, truncated or foreign": Line(
        ("manifest_malformed",),
        (
            "unit/sealing/test_manifest.py::test_a_damaged_or_foreign_sealed_manifest_does_not_open",
            "unit/sealing/test_manifest.py::test_any_other_plain_form_is_refused",
            OPENING + "test_a_manifest_that_was_exchanged_is_refused_in_its_step",
        ),
        (LYING + CHANGED,),
    ),
    "identity files damaged, truncated or foreign": Line(
        ("identity_damaged",),
        (
            IDENTITY + "test_a_flip_of_any_bit_is_damage_and_never_a_wrong_passphrase",
            IDENTITY + "test_a_cut_or_foreign_file_is_damaged",
            IDENTITY + "test_a_file_put_together_from_two_is_damaged",
            KEYS + "test_a_changed_identity_file_is_damaged",
        ),
        (
            FILES + "test_an_identity_file_that_is_not_as_it_was_written",
            FILES + "test_an_identity_file_of_somebody_else",
        ),
    ),
    "statements damaged, truncated or foreign": Line(
        ("malformed", "bad_signature", "statement_other_exchange"),
        (
            STATEMENT + "test_other_texts_are_malformed",
            STATEMENT + "test_a_signature_is_for_one_label",
            KEYS + "test_a_changed_statement_is_refused_or_prints_back",
            "unit/statements/test_statement_signers.py::test_step_1_another_exchange_is_refused",
            "unit/client/test_register.py::test_what_was_not_signed_is_refused",
        ),
        (
            LYING + "test_a_statement_of_the_register_that_was_changed",
            FILES + "test_a_proposal_card_or_invitation_that_is_none",
            FILES + "test_a_file_of_an_authorisation_that_is_none",
        ),
    ),
    "case files damaged, truncated or foreign": Line(
        ("case_not_json", "case_unknown_key", "case_missing_key", "case_value"),
        (
            CASES + "test_not_json",
            CASES + "test_case_level",
            CASES + "test_facts_level",
            CASES + "test_one_bad_case_leaves_the_others",
            "properties/test_policies_parsers.py::test_any_bytes",
        ),
        ("unit/policies/test_policies_command.py::test_malformed",),
    ),
    "packages damaged, truncated, reordered or foreign": Line(
        ("package_malformed",),
        (
            "unit/sealing/test_package.py::test_members_of_other_names_or_in_another_order_are_refused",
            "unit/sealing/test_package.py::test_a_damaged_member_is_found_by_its_checksum",
            SEALED + "test_a_package_changed_anywhere_is_refused_or_prints_back_as_it_is",
            REFUSALS + "test_damaged_packages",
            REFUSALS + "test_packages_that_do_not_belong_together",
        ),
        ("scripts/test_transcript_resume.py::test_damaged_spool_is_given_up",),
    ),
    "wrong passphrase": Line(
        ("wrong_passphrase",),
        (IDENTITY + "test_a_wrong_passphrase_is_that",),
        (FILES + "test_a_wrong_passphrase", "scripts/test_transcript_alarms.py::test_a_wrong_passphrase_opens_nothing"),
    ),
    "unknown version": Line(
        ("unknown_version",),
        (
            IDENTITY + "test_another_version_or_kind_of_lock_is_unknown",
            STATEMENT + "test_another_label_and_another_version_are_two_errors",
            REFUSALS + "test_an_unknown_version",
            "properties/test_statements_parsers.py::test_labels_outside_the_table_are_unknown",
        ),
        (FILES + "test_an_identity_file_that_is_not_as_it_was_written",),
    ),
    "header by an officer of another body": Line(
        ("signer_other_body",),
        (
            REPORTS + "test_an_officer_of_another_body_does_not",
            REGISTER + "test_who_may_register",
            OPENING + "test_a_header_by_another_bodys_officer_is_refused",
        ),
        (LYING + "test_a_header_by_an_officer_of_another_body",),
    ),
    "header by an officer who left": Line(
        ("signer_ended",),
        (REPORTS + "test_one_who_left_signed_before", REGISTER + "test_a_signer_who_left"),
        (LYING + "test_a_header_by_an_officer_who_left",),
    ),
    "directory older than pinned": Line(
        ("directory_older", "directory_forked"),
        (
            "unit/keys/test_replay_pins.py::test_an_older_directory_is_refused",
            "unit/client/test_client_sync.py::test_an_older_directory_is_refused_whatever_the_server_says",
        ),
        ("scripts/test_transcript_alarms.py::test_an_older_directory_is_refused",),
    ),
    "stale epoch": Line(
        ("stale_epoch",),
        (REGISTER + "test_an_epoch_that_changed_meanwhile",),
        ("scripts/test_transcript_resume.py::test_keys_that_changed_meanwhile_are_renewed",),
    ),
    "recipient not in the directory": Line(
        ("recipient_without_key", "recipient_unknown"),
        (REFUSALS + "test_recipients_the_directory_does_not_have",),
        (FILES + "test_a_recipient_who_is_not_in_the_directory",),
    ),
    "identical and different second registration": Line(
        ("registration_differs",),
        (REGISTER + "test_the_same_header_again_and_another", REGISTER + "test_registrations_at_once"),
        (CLOCK + "test_the_same_report_again_is_the_same_and_another_is_another",),
    ),
    "pieces missing": Line(
        ("pieces_missing",),
        (REGISTER + "test_pieces_that_are_not_there",),
        (CLOCK + "test_pieces_that_went_missing_are_sent_again",),
    ),
    "pieces over size": Line(
        ("upload_too_large", "piece_size"),
        (UPLOADS + "test_sizes_and_numbers", UPLOADS + "test_bounds_of_one_body"),
        (CLOCK + "test_a_report_that_is_too_large",),
    ),
    "client clock far off": Line(
        ("clock_off",),
        (
            REGISTER + "test_a_clock_far_off",
            "web/test_tokens.py::test_a_wrong_clock_is_told_the_right_time",
            "unit/client/test_client_http.py::test_a_wrong_clock_is_corrected_told_and_kept",
        ),
        (
            CLOCK + "test_a_clock_that_is_far_off_is_told_and_corrected",
            "scripts/test_transcript_alarms.py::test_a_clock_that_is_off_is_corrected_and_told",
        ),
    ),
}
