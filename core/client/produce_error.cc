#include "core/client/produce_error.h"

namespace trialog::client {

bool may_be_written(ErrorCode error) {
  switch (error) {
    case ErrorCode::corrupt_message:
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
    case ErrorCode::invalid_topic_exception:
    case ErrorCode::not_enough_replicas:
    case ErrorCode::invalid_required_acks:
    case ErrorCode::topic_authorization_failed:
    case ErrorCode::cluster_authorization_failed:
    case ErrorCode::invalid_timestamp:
    case ErrorCode::unsupported_version:
    case ErrorCode::invalid_request:
    case ErrorCode::unsupported_for_message_format:
    case ErrorCode::policy_violation:
    case ErrorCode::out_of_order_sequence_number:
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::unknown_producer_id:
    case ErrorCode::unsupported_compression_type:
    case ErrorCode::invalid_record:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::inconsistent_topic_id:
      return false;
    default:
      return true;
  }
}

bool is_sequence_gap(ErrorCode error) {
  return error == ErrorCode::out_of_order_sequence_number ||
         error == ErrorCode::unknown_producer_id || error == ErrorCode::invalid_producer_epoch;
}

}  // namespace trialog::client
