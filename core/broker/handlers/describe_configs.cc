#include <algorithm>

#include "core/base/topic.h"
#include "core/broker/handlers/controller.h"
#include "core/metadata/config_table.h"

namespace trialog::broker::handlers {
namespace {

using metadata::ConfigScope;
using metadata::Resource;
using metadata::ResourceType;
using metadata::Setting;
using metadata::Settings;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using Entry = DescribeConfigsResponse::DescribeConfigsResourceResult;
using Synonym = DescribeConfigsResponse::DescribeConfigsSynonym;

/// Where a value comes from, with Kafka's numbers (ConfigSource).
enum class Source : std::int8_t {
  topic = 1,
  broker = 2,        // Set at run time for this broker,
  every_broker = 3,  // or for all of them.
  file = 4,
  by_default = 5,
};

/// What was set for brokers, the strongest first.
struct BrokerSettings {
  const Settings& own;
  const Settings& all;
  const Settings& file;
};

bool is_sensitive(const Setting& setting) { return setting.type == metadata::ConfigType::password; }

std::optional<std::string> shown(const Setting& setting, std::optional<std::string> value) {
  return is_sensitive(setting) ? std::nullopt : std::move(value);
}

void add(std::vector<Synonym>& list, const Setting& setting, std::string_view name,
         std::optional<std::string> value, Source source) {
  auto& synonym = list.emplace_back();
  synonym.name = name;
  synonym.value = shown(setting, std::move(value));
  synonym.source = static_cast<std::int8_t>(source);
}

/// All places that `names` are set in, the one that counts first.
std::vector<Synonym> synonyms_of(const std::vector<std::string_view>& names,
                                 const BrokerSettings& broker) {
  std::vector<Synonym> list;
  const auto look = [&](const Settings& settings, Source source) {
    for (const auto name : names) {
      const auto* setting = metadata::find_setting(ConfigScope::broker, name);
      const auto found = settings.find(name);
      if (setting == nullptr || found == settings.end()) continue;
      add(list, *setting, name, found->second, source);
    }
  };
  look(broker.own, Source::broker);
  look(broker.all, Source::every_broker);
  look(broker.file, Source::file);
  for (const auto name : names) {
    const auto* setting = metadata::find_setting(ConfigScope::broker, name);
    if (setting == nullptr || !setting->default_value) continue;
    add(list, *setting, name, std::string(*setting->default_value), Source::by_default);
  }
  return list;
}

class Describing {
 public:
  Describing(Broker& broker, const Context& context, const DescribeConfigsRequest& request)
      : broker_(broker), context_(context), request_(request), image_(broker.image()) {}

  DescribeConfigsResponse::DescribeConfigsResult describe(
      const DescribeConfigsRequest::DescribeConfigsResource& asked) const {
    DescribeConfigsResponse::DescribeConfigsResult result;
    result.error_message = std::nullopt;
    result.resource_type = asked.resource_type;
    result.resource_name = asked.resource_name;
    const auto refuse = [&](ErrorCode error, std::string why) {
      result.error_code = error;
      result.error_message = std::move(why);
    };
    switch (static_cast<ResourceType>(asked.resource_type)) {
      case ResourceType::topic:
        if (auto problem = topic_name_problem(asked.resource_name); !problem.empty()) {
          refuse(ErrorCode::invalid_topic_exception, std::move(problem));
        } else if (!image_->topic(asked.resource_name)) {
          refuse(ErrorCode::unknown_topic_or_partition,
                 "This server does not host this topic-partition.");
        } else {
          result.configs = topic_entries(asked);
        }
        break;
      case ResourceType::broker:
        if (auto problem = broker_name_problem(broker_, asked.resource_name); !problem.empty()) {
          refuse(ErrorCode::invalid_request, std::move(problem));
        } else {
          result.configs = broker_entries(asked);
        }
        break;
      default:
        refuse(ErrorCode::invalid_request,
               "Unsupported resource type: " + std::to_string(asked.resource_type));
    }
    return result;
  }

 private:
  using Asked = DescribeConfigsRequest::DescribeConfigsResource;

  static bool wants(const Asked& asked, std::string_view name) {
    const auto& keys = asked.configuration_keys;
    return !keys || keys->empty() || std::ranges::find(*keys, name) != keys->end();
  }

  BrokerSettings broker_settings() const {
    const auto id = std::to_string(broker_.options.id.value);
    return {image_->settings(Resource{ResourceType::broker, id}),
            image_->settings(Resource{ResourceType::broker, ""}), broker_.options.settings};
  }

  std::vector<Entry> topic_entries(const Asked& asked) const {
    const auto& own = image_->settings(Resource{ResourceType::topic, asked.resource_name});
    const auto broker = broker_settings();
    const auto of_broker = image_->broker_settings(broker_.options.id, broker_.options.settings);
    std::vector<Entry> entries;
    for (const auto& setting : metadata::settings(ConfigScope::topic)) {
      if (!wants(asked, setting.name)) continue;
      auto synonyms = synonyms_of(metadata::broker_synonyms(setting.name), broker);
      if (const auto found = own.find(setting.name); found != own.end()) {
        std::vector<Synonym> first;
        add(first, setting, setting.name, found->second, Source::topic);
        synonyms.insert(synonyms.begin(), std::move(first.front()));
      }
      entries.push_back(entry(setting, metadata::topic_value(setting.name, own, of_broker), false,
                              std::move(synonyms)));
    }
    return entries;
  }

  /// Of one broker everything; of all brokers only what was set for them at run time.
  std::vector<Entry> broker_entries(const Asked& asked) const {
    const bool everything = !asked.resource_name.empty();
    const auto broker = broker_settings();
    const auto of_broker = image_->broker_settings(broker_.options.id, broker_.options.settings);
    std::vector<Entry> entries;
    for (const auto& setting : metadata::settings(ConfigScope::broker)) {
      if (!wants(asked, setting.name)) continue;
      const auto set_for_all = broker.all.find(setting.name);
      if (!everything && set_for_all == broker.all.end()) continue;
      auto synonyms = synonyms_of({setting.name}, broker);
      if (!everything) {
        std::erase_if(synonyms, [](const Synonym& synonym) {
          return synonym.source != static_cast<std::int8_t>(Source::every_broker);
        });
      }
      auto value = everything ? metadata::broker_value(setting.name, of_broker)
                              : std::optional<std::string>(set_for_all->second);
      entries.push_back(entry(setting, std::move(value),
                              setting.update == metadata::ConfigUpdate::read_only,
                              std::move(synonyms)));
    }
    return entries;
  }

  Entry entry(const Setting& setting, std::optional<std::string> value, bool read_only,
              std::vector<Synonym> synonyms) const {
    Entry entry;
    entry.name = setting.name;
    entry.value = shown(setting, std::move(value));
    entry.read_only = read_only;
    entry.config_source =
        synonyms.empty() ? static_cast<std::int8_t>(Source::by_default) : synonyms.front().source;
    // Only version 0 has it, and no version with the source may carry it.
    entry.is_default = context_.version() == 0 &&
                       entry.config_source == static_cast<std::int8_t>(Source::by_default);
    entry.is_sensitive = is_sensitive(setting);
    if (request_.include_synonyms) entry.synonyms = std::move(synonyms);
    entry.config_type = metadata::type_number(setting.type);
    entry.documentation = std::nullopt;
    if (request_.include_documentation) entry.documentation = metadata::documentation(setting);
    return entry;
  }

  Broker& broker_;
  const Context& context_;
  const DescribeConfigsRequest& request_;
  Broker::ImagePtr image_;
};

}  // namespace

DescribeConfigsResponse describe_configs(Broker& broker, const Context& context,
                                         DescribeConfigsRequest request) {
  const Describing describing(broker, context, request);
  DescribeConfigsResponse response;
  for (const auto& asked : request.resources) {
    response.results.push_back(describing.describe(asked));
  }
  return response;
}

}  // namespace trialog::broker::handlers
