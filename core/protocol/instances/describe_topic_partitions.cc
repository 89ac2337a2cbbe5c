#include "core/protocol/messages/describe_topic_partitions.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<DescribeTopicPartitionsRequest>();
template const Schema& schema_of<DescribeTopicPartitionsResponse>();

}  // namespace trialog::protocol
