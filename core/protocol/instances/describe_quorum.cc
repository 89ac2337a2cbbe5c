#include "core/protocol/messages/describe_quorum.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<DescribeQuorumRequest>();
template const Schema& schema_of<DescribeQuorumResponse>();

}  // namespace trialog::protocol
