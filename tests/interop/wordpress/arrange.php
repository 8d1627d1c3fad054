<?php
// Arranges the site for one check, then prints what the database says as JSON.
// Usage: php arrange.php DOCROOT ARTICLE THEME PERMALINKS(pretty|plain) FIRST_PAGE(oldest|newest) REST(open|closed)
$_SERVER['HTTP_HOST'] = parse_url(getenv('WP_URL'), PHP_URL_HOST) . ':' . parse_url(getenv('WP_URL'), PHP_URL_PORT);
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['REQUEST_URI'] = '/';
require $argv[1] . '/wp-load.php';
// After loading: WordPress keeps globals of its own under such names.
[, , $article, $theme, $permalinks, $first_page, $rest] = $argv;

switch_theme($theme);
update_option('default_comments_page', $first_page);
update_option('comment_order', $first_page === 'newest' ? 'desc' : 'asc');
update_option('interop_rest', $rest);
global $wp_rewrite;
$wp_rewrite->set_permalink_structure($permalinks === 'pretty' ? '/%year%/%monthnum%/%postname%/' : '');
$wp_rewrite->flush_rules(false);

$post = get_post((int) $article);
$comments = [];
foreach (get_comments(['post_id' => $post->ID, 'status' => 'any', 'type' => 'all', 'orderby' => 'comment_ID',
    'order' => 'ASC']) as $comment) {
    $comments[] = [
        'id' => (int) $comment->comment_ID,
        'parent' => (int) $comment->comment_parent,
        'author' => $comment->comment_author,
        'date_gmt' => $comment->comment_date_gmt,
        'status' => wp_get_comment_status($comment),
        'type' => $comment->comment_type,
        // As the site shows it: quotes made typographic, paragraphs, smileys.
        'html' => apply_filters('comment_text', $comment->comment_content, $comment, []),
    ];
}
echo json_encode([
    'post' => $post->ID,
    'url' => get_permalink($post),
    'title' => html_entity_decode(get_the_title($post), ENT_QUOTES | ENT_HTML5, 'UTF-8'),
    'author' => get_the_author_meta('display_name', $post->post_author),
    'date_gmt' => $post->post_date_gmt,
    'stated' => (int) get_comments_number($post),
    'depth' => (int) get_option('thread_comments_depth'),
    'rest' => get_rest_url(null, 'wp/v2/comments'),
    'theme' => wp_get_theme()->get_stylesheet(),
    'block' => wp_is_block_theme(),
    'version' => get_bloginfo('version'),
    'comments' => $comments,
], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT | JSON_THROW_ON_ERROR);
