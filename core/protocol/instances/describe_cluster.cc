#include "core/protocol/messages/describe_cluster.h"

#include "core/protocol/describe.h"

namespace trialog::protocol {

template const Schema& schema_of<DescribeClusterRequest>();
template const Schema& schema_of<DescribeClusterResponse>();

}  // namespace trialog::protocol
