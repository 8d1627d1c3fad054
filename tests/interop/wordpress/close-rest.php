<?php
// Must-use plugin: what sites do that close their REST API to visitors.
add_filter('rest_authentication_errors', function ($result) {
    if (get_option('interop_rest') === 'closed') {
        return new WP_Error('rest_not_logged_in', 'REST is closed to visitors.', ['status' => 401]);
    }
    return $result;
});
