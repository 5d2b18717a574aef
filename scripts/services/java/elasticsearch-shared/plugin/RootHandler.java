package snug.services;

import java.util.List;
import java.util.function.Supplier;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;

/** `GET /`: who answers, in the words of Elasticsearch's own module for it. */
final class RootHandler extends BaseRestHandler {
    private final Supplier<DiscoveryNodes> nodes;

    RootHandler(Supplier<DiscoveryNodes> nodes) {
        this.nodes = nodes;
    }

    @Override
    public String getName() {
        return "main_action";
    }

    @Override
    public List<Route> routes() {
        return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
    }

    @Override
    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
        return channel -> {
            var json = channel.newBuilder();
            json.startObject();
            json.field("name", nodes.get().getLocalNode().getName());
            json.startObject("version").field("number", Build.current().version()).endObject();
            json.field("tagline", "You Know, for Search");
            json.endObject();
            channel.sendResponse(new RestResponse(RestStatus.OK, json));
        };
    }
}
