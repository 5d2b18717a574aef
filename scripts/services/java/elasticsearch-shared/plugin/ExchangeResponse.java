package snug.services;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.http.HttpResponse;
import org.elasticsearch.rest.ChunkedRestResponseBodyPart;

/** An answer: either `content`, or parts of which `first` is the first. */
final class ExchangeResponse implements HttpResponse {
    final int status;
    final BytesReference content;
    final ChunkedRestResponseBodyPart first;
    final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    ExchangeResponse(int status, BytesReference content, ChunkedRestResponseBodyPart first) {
        this.status = status;
        this.content = content;
        this.first = first;
    }

    @Override
    public void addHeader(String name, String value) {
        headers.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }

    @Override
    public boolean containsHeader(String name) {
        return headers.containsKey(name);
    }
}
