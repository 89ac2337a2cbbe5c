#include <algorithm>
#include <array>

#include "core/broker/handlers/handlers.h"

namespace trialog::broker::handlers {
namespace {

using metadata::ResourceType;
using protocol::ListConfigResourcesRequest;
using protocol::ListConfigResourcesResponse;

/// In the order that Kafka lists them in. There are neither groups nor client metrics yet.
constexpr std::array known_types{ResourceType::group, ResourceType::client_metrics,
                                 ResourceType::broker_logger, ResourceType::broker,
                                 ResourceType::topic};

/// Version 0 has no types: it means client metrics.
std::vector<ResourceType> types_of(const ListConfigResourcesRequest& request,
                                   std::int16_t version) {
  if (version == 0) return {ResourceType::client_metrics};
  if (request.resource_types.empty()) return {known_types.begin(), known_types.end()};
  std::vector<ResourceType> types;
  for (const auto type : request.resource_types) types.push_back(static_cast<ResourceType>(type));
  return types;
}

bool known(ResourceType type) { return std::ranges::find(known_types, type) != known_types.end(); }

void add_all(const metadata::Image& image, ResourceType type,
             ListConfigResourcesResponse& response) {
  const auto add = [&](std::string name) {
    auto& resource = response.config_resources.emplace_back();
    resource.resource_name = std::move(name);
    resource.resource_type = static_cast<std::int8_t>(type);
  };
  if (type == ResourceType::broker || type == ResourceType::broker_logger) {
    for (const auto& [id, broker] : image.brokers()) add(std::to_string(id.value));
  } else if (type == ResourceType::topic) {
    for (const auto& [name, topic] : image.topics()) add(name);
  }
}

}  // namespace

ListConfigResourcesResponse list_config_resources(Broker& broker, const Context& context,
                                                  ListConfigResourcesRequest request) {
  ListConfigResourcesResponse response;
  const auto types = types_of(request, context.version());
  if (!std::ranges::all_of(types, known)) {
    response.error_code = ErrorCode::unsupported_version;
    return response;
  }
  const auto image = broker.image();
  for (const auto type : known_types) {
    if (std::ranges::find(types, type) != types.end()) add_all(*image, type, response);
  }
  return response;
}

}  // namespace trialog::broker::handlers
