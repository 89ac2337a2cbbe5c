#include "core/base/error_code.h"

#include <algorithm>
#include <iterator>

namespace trialog {
namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  bool retriable;
  bool refreshes_metadata;
};

constexpr Row rows[] = {
    {ErrorCode::unknown_server_error, "UNKNOWN_SERVER_ERROR", false, false},
    {ErrorCode::none, "NONE", false, false},
    {ErrorCode::offset_out_of_range, "OFFSET_OUT_OF_RANGE", false, false},
    {ErrorCode::corrupt_message, "CORRUPT_MESSAGE", true, false},
    {ErrorCode::unknown_topic_or_partition, "UNKNOWN_TOPIC_OR_PARTITION", true, true},
    {ErrorCode::invalid_fetch_size, "INVALID_FETCH_SIZE", false, false},
    {ErrorCode::leader_not_available, "LEADER_NOT_AVAILABLE", true, true},
    {ErrorCode::not_leader_or_follower, "NOT_LEADER_OR_FOLLOWER", true, true},
    {ErrorCode::request_timed_out, "REQUEST_TIMED_OUT", true, false},
    {ErrorCode::broker_not_available, "BROKER_NOT_AVAILABLE", false, false},
    {ErrorCode::replica_not_available, "REPLICA_NOT_AVAILABLE", true, true},
    {ErrorCode::message_too_large, "MESSAGE_TOO_LARGE", false, false},
    {ErrorCode::stale_controller_epoch, "STALE_CONTROLLER_EPOCH", false, false},
    {ErrorCode::offset_metadata_too_large, "OFFSET_METADATA_TOO_LARGE", false, false},
    {ErrorCode::network_exception, "NETWORK_EXCEPTION", true, true},
    {ErrorCode::coordinator_load_in_progress, "COORDINATOR_LOAD_IN_PROGRESS", true, false},
    {ErrorCode::coordinator_not_available, "COORDINATOR_NOT_AVAILABLE", true, false},
    {ErrorCode::not_coordinator, "NOT_COORDINATOR", true, false},
    {ErrorCode::invalid_topic_exception, "INVALID_TOPIC_EXCEPTION", false, false},
    {ErrorCode::record_list_too_large, "RECORD_LIST_TOO_LARGE", false, false},
    {ErrorCode::not_enough_replicas, "NOT_ENOUGH_REPLICAS", true, false},
    {ErrorCode::not_enough_replicas_after_append, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", true, false},
    {ErrorCode::invalid_required_acks, "INVALID_REQUIRED_ACKS", false, false},
    {ErrorCode::illegal_generation, "ILLEGAL_GENERATION", false, false},
    {ErrorCode::inconsistent_group_protocol, "INCONSISTENT_GROUP_PROTOCOL", false, false},
    {ErrorCode::invalid_group_id, "INVALID_GROUP_ID", false, false},
    {ErrorCode::unknown_member_id, "UNKNOWN_MEMBER_ID", false, false},
    {ErrorCode::invalid_session_timeout, "INVALID_SESSION_TIMEOUT", false, false},
    {ErrorCode::rebalance_in_progress, "REBALANCE_IN_PROGRESS", false, false},
    {ErrorCode::invalid_commit_offset_size, "INVALID_COMMIT_OFFSET_SIZE", false, false},
    {ErrorCode::topic_authorization_failed, "TOPIC_AUTHORIZATION_FAILED", false, false},
    {ErrorCode::group_authorization_failed, "GROUP_AUTHORIZATION_FAILED", false, false},
    {ErrorCode::cluster_authorization_failed, "CLUSTER_AUTHORIZATION_FAILED", false, false},
    {ErrorCode::invalid_timestamp, "INVALID_TIMESTAMP", false, false},
    {ErrorCode::unsupported_sasl_mechanism, "UNSUPPORTED_SASL_MECHANISM", false, false},
    {ErrorCode::illegal_sasl_state, "ILLEGAL_SASL_STATE", false, false},
    {ErrorCode::unsupported_version, "UNSUPPORTED_VERSION", false, false},
    {ErrorCode::topic_already_exists, "TOPIC_ALREADY_EXISTS", false, false},
    {ErrorCode::invalid_partitions, "INVALID_PARTITIONS", false, false},
    {ErrorCode::invalid_replication_factor, "INVALID_REPLICATION_FACTOR", false, false},
    {ErrorCode::invalid_replica_assignment, "INVALID_REPLICA_ASSIGNMENT", false, false},
    {ErrorCode::invalid_config, "INVALID_CONFIG", false, false},
    {ErrorCode::not_controller, "NOT_CONTROLLER", true, false},
    {ErrorCode::invalid_request, "INVALID_REQUEST", false, false},
    {ErrorCode::unsupported_for_message_format, "UNSUPPORTED_FOR_MESSAGE_FORMAT", false, false},
    {ErrorCode::policy_violation, "POLICY_VIOLATION", false, false},
    {ErrorCode::out_of_order_sequence_number, "OUT_OF_ORDER_SEQUENCE_NUMBER", false, false},
    {ErrorCode::duplicate_sequence_number, "DUPLICATE_SEQUENCE_NUMBER", false, false},
    {ErrorCode::invalid_producer_epoch, "INVALID_PRODUCER_EPOCH", false, false},
    {ErrorCode::invalid_txn_state, "INVALID_TXN_STATE", false, false},
    {ErrorCode::invalid_producer_id_mapping, "INVALID_PRODUCER_ID_MAPPING", false, false},
    {ErrorCode::invalid_transaction_timeout, "INVALID_TRANSACTION_TIMEOUT", false, false},
    {ErrorCode::concurrent_transactions, "CONCURRENT_TRANSACTIONS", true, false},
    {ErrorCode::transaction_coordinator_fenced, "TRANSACTION_COORDINATOR_FENCED", false, false},
    {ErrorCode::transactional_id_authorization_failed, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
     false, false},
    {ErrorCode::security_disabled, "SECURITY_DISABLED", false, false},
    {ErrorCode::operation_not_attempted, "OPERATION_NOT_ATTEMPTED", false, false},
    {ErrorCode::kafka_storage_error, "KAFKA_STORAGE_ERROR", true, true},
    {ErrorCode::log_dir_not_found, "LOG_DIR_NOT_FOUND", false, false},
    {ErrorCode::sasl_authentication_failed, "SASL_AUTHENTICATION_FAILED", false, false},
    {ErrorCode::unknown_producer_id, "UNKNOWN_PRODUCER_ID", false, false},
    {ErrorCode::reassignment_in_progress, "REASSIGNMENT_IN_PROGRESS", false, false},
    {ErrorCode::delegation_token_auth_disabled, "DELEGATION_TOKEN_AUTH_DISABLED", false, false},
    {ErrorCode::delegation_token_not_found, "DELEGATION_TOKEN_NOT_FOUND", false, false},
    {ErrorCode::delegation_token_owner_mismatch, "DELEGATION_TOKEN_OWNER_MISMATCH", false, false},
    {ErrorCode::delegation_token_request_not_allowed, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", false,
     false},
    {ErrorCode::delegation_token_authorization_failed, "DELEGATION_TOKEN_AUTHORIZATION_FAILED",
     false, false},
    {ErrorCode::delegation_token_expired, "DELEGATION_TOKEN_EXPIRED", false, false},
    {ErrorCode::invalid_principal_type, "INVALID_PRINCIPAL_TYPE", false, false},
    {ErrorCode::non_empty_group, "NON_EMPTY_GROUP", false, false},
    {ErrorCode::group_id_not_found, "GROUP_ID_NOT_FOUND", false, false},
    {ErrorCode::fetch_session_id_not_found, "FETCH_SESSION_ID_NOT_FOUND", true, false},
    {ErrorCode::invalid_fetch_session_epoch, "INVALID_FETCH_SESSION_EPOCH", true, false},
    {ErrorCode::listener_not_found, "LISTENER_NOT_FOUND", true, true},
    {ErrorCode::topic_deletion_disabled, "TOPIC_DELETION_DISABLED", false, false},
    {ErrorCode::fenced_leader_epoch, "FENCED_LEADER_EPOCH", true, true},
    {ErrorCode::unknown_leader_epoch, "UNKNOWN_LEADER_EPOCH", true, false},
    {ErrorCode::unsupported_compression_type, "UNSUPPORTED_COMPRESSION_TYPE", false, false},
    {ErrorCode::stale_broker_epoch, "STALE_BROKER_EPOCH", false, false},
    {ErrorCode::offset_not_available, "OFFSET_NOT_AVAILABLE", true, false},
    {ErrorCode::member_id_required, "MEMBER_ID_REQUIRED", false, false},
    {ErrorCode::preferred_leader_not_available, "PREFERRED_LEADER_NOT_AVAILABLE", true, true},
    {ErrorCode::group_max_size_reached, "GROUP_MAX_SIZE_REACHED", false, false},
    {ErrorCode::fenced_instance_id, "FENCED_INSTANCE_ID", false, false},
    {ErrorCode::eligible_leaders_not_available, "ELIGIBLE_LEADERS_NOT_AVAILABLE", true, true},
    {ErrorCode::election_not_needed, "ELECTION_NOT_NEEDED", true, true},
    {ErrorCode::no_reassignment_in_progress, "NO_REASSIGNMENT_IN_PROGRESS", false, false},
    {ErrorCode::group_subscribed_to_topic, "GROUP_SUBSCRIBED_TO_TOPIC", false, false},
    {ErrorCode::invalid_record, "INVALID_RECORD", false, false},
    {ErrorCode::unstable_offset_commit, "UNSTABLE_OFFSET_COMMIT", true, false},
    {ErrorCode::throttling_quota_exceeded, "THROTTLING_QUOTA_EXCEEDED", true, false},
    {ErrorCode::producer_fenced, "PRODUCER_FENCED", false, false},
    {ErrorCode::resource_not_found, "RESOURCE_NOT_FOUND", false, false},
    {ErrorCode::duplicate_resource, "DUPLICATE_RESOURCE", false, false},
    {ErrorCode::unacceptable_credential, "UNACCEPTABLE_CREDENTIAL", false, false},
    {ErrorCode::inconsistent_voter_set, "INCONSISTENT_VOTER_SET", false, false},
    {ErrorCode::invalid_update_version, "INVALID_UPDATE_VERSION", false, false},
    {ErrorCode::feature_update_failed, "FEATURE_UPDATE_FAILED", false, false},
    {ErrorCode::principal_deserialization_failure, "PRINCIPAL_DESERIALIZATION_FAILURE", false,
     false},
    {ErrorCode::snapshot_not_found, "SNAPSHOT_NOT_FOUND", false, false},
    {ErrorCode::position_out_of_range, "POSITION_OUT_OF_RANGE", false, false},
    {ErrorCode::unknown_topic_id, "UNKNOWN_TOPIC_ID", true, true},
    {ErrorCode::duplicate_broker_registration, "DUPLICATE_BROKER_REGISTRATION", false, false},
    {ErrorCode::broker_id_not_registered, "BROKER_ID_NOT_REGISTERED", false, false},
    {ErrorCode::inconsistent_topic_id, "INCONSISTENT_TOPIC_ID", true, true},
    {ErrorCode::inconsistent_cluster_id, "INCONSISTENT_CLUSTER_ID", false, false},
    {ErrorCode::transactional_id_not_found, "TRANSACTIONAL_ID_NOT_FOUND", false, false},
    {ErrorCode::fetch_session_topic_id_error, "FETCH_SESSION_TOPIC_ID_ERROR", true, false},
    {ErrorCode::ineligible_replica, "INELIGIBLE_REPLICA", false, false},
    {ErrorCode::new_leader_elected, "NEW_LEADER_ELECTED", false, false},
    {ErrorCode::offset_moved_to_tiered_storage, "OFFSET_MOVED_TO_TIERED_STORAGE", false, false},
    {ErrorCode::fenced_member_epoch, "FENCED_MEMBER_EPOCH", false, false},
    {ErrorCode::unreleased_instance_id, "UNRELEASED_INSTANCE_ID", false, false},
    {ErrorCode::unsupported_assignor, "UNSUPPORTED_ASSIGNOR", false, false},
    {ErrorCode::stale_member_epoch, "STALE_MEMBER_EPOCH", false, false},
    {ErrorCode::mismatched_endpoint_type, "MISMATCHED_ENDPOINT_TYPE", false, false},
    {ErrorCode::unsupported_endpoint_type, "UNSUPPORTED_ENDPOINT_TYPE", false, false},
    {ErrorCode::unknown_controller_id, "UNKNOWN_CONTROLLER_ID", false, false},
    {ErrorCode::unknown_subscription_id, "UNKNOWN_SUBSCRIPTION_ID", false, false},
    {ErrorCode::telemetry_too_large, "TELEMETRY_TOO_LARGE", false, false},
    {ErrorCode::invalid_registration, "INVALID_REGISTRATION", false, false},
    {ErrorCode::transaction_abortable, "TRANSACTION_ABORTABLE", false, false},
    {ErrorCode::invalid_record_state, "INVALID_RECORD_STATE", false, false},
    {ErrorCode::share_session_not_found, "SHARE_SESSION_NOT_FOUND", true, false},
    {ErrorCode::invalid_share_session_epoch, "INVALID_SHARE_SESSION_EPOCH", true, false},
    {ErrorCode::fenced_state_epoch, "FENCED_STATE_EPOCH", false, false},
    {ErrorCode::invalid_voter_key, "INVALID_VOTER_KEY", false, false},
    {ErrorCode::duplicate_voter, "DUPLICATE_VOTER", false, false},
    {ErrorCode::voter_not_found, "VOTER_NOT_FOUND", false, false},
    {ErrorCode::invalid_regular_expression, "INVALID_REGULAR_EXPRESSION", false, false},
    {ErrorCode::rebootstrap_required, "REBOOTSTRAP_REQUIRED", false, false},
    {ErrorCode::streams_invalid_topology, "STREAMS_INVALID_TOPOLOGY", false, false},
    {ErrorCode::streams_invalid_topology_epoch, "STREAMS_INVALID_TOPOLOGY_EPOCH", false, false},
    {ErrorCode::streams_topology_fenced, "STREAMS_TOPOLOGY_FENCED", false, false},
    {ErrorCode::share_session_limit_reached, "SHARE_SESSION_LIMIT_REACHED", true, false},
};

const Row* row(ErrorCode code) {
  const auto found = std::ranges::lower_bound(rows, code, {}, &Row::code);
  return found != std::end(rows) && found->code == code ? found : nullptr;
}

}  // namespace

std::string_view error_name(ErrorCode code) {
  const auto* found = row(code);
  return found ? found->name : "UNKNOWN";
}

bool is_retriable(ErrorCode code) {
  const auto* found = row(code);
  return found && found->retriable;
}

bool refreshes_metadata(ErrorCode code) {
  const auto* found = row(code);
  return found && found->refreshes_metadata;
}

}  // namespace trialog
