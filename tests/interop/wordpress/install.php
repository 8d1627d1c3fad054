<?php
// Installs the site with WordPress' own installer, then writes one article and its discussion.
// Usage: php install.php DOCROOT (environment as in wp-config.php)
$_SERVER['HTTP_HOST'] = parse_url(getenv('WP_URL'), PHP_URL_HOST) . ':' . parse_url(getenv('WP_URL'), PHP_URL_PORT);
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['REQUEST_URI'] = '/';
define('WP_INSTALLING', true);
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

wp_install('Le Canard numérique', 'claire', 'claire@example.org', true, '', wp_generate_password());
wp_update_user(['ID' => 1, 'display_name' => 'Claire Müller-Léger', 'nickname' => 'Claire Müller-Léger']);
foreach (get_comments(['fields' => 'ids', 'status' => 'any']) as $id) {
    wp_delete_comment($id, true);
}
foreach ([
    'timezone_string' => 'Europe/Paris',
    'thread_comments' => 1,
    'thread_comments_depth' => 3,
    'page_comments' => 1,
    'comments_per_page' => 10,
    'show_avatars' => 1,
    'comment_moderation' => 0,
    'posts_per_page' => 5,
] as $option => $value) {
    update_option($option, $value);
}
wp_cache_flush();

$article = wp_insert_post([
    'post_title' => 'Des données « gratuites » ? Ce que l’on paie sans le savoir',
    'post_name' => 'donnees-gratuites',
    'post_author' => 1,
    'post_status' => 'publish',
    'post_date' => '2024-04-03 06:55:00',
    'post_date_gmt' => '2024-04-03 04:55:00',
    'comment_status' => 'open',
    'ping_status' => 'open',
    'post_content' => "<p>Un courtier en données a été condamné hier : « les internautes n’avaient jamais donné leur accord », "
        . "écrit le juge.</p>\n\n<p>L’entreprise vendait 40 € le profil complet. Elle fait appel.</p>",
], true);
if (is_wp_error($article)) {
    fwrite(STDERR, $article->get_error_message() . "\n");
    exit(1);
}

// key, key of the parent, author, minutes after publication, text
$discussion = [
    ['a', null, 'Zoé', 5, "Enfin ! Il était temps que quelqu’un dise stop."],
    ['b', 'a', 'Jean-François', 9, "Temps de quoi ? L’amende fait 0,01 % du chiffre d’affaires…\n\nAutant dire rien."],
    ['c', 'b', 'Zoé', 12, "C'est déjà ça 👏👏 \"mieux que rien\""],
    ['d', 'c', 'Ömer', 15, "Quatrième niveau : au-delà de ce que le thème sait imbriquer."],
    ['e', 'd', 'Jean-François', 18, "Cinquième niveau, toujours en réponse à Ömer."],
    ['f', null, 'Léa & Tom', 21, "<blockquote>les internautes n’avaient jamais donné leur accord</blockquote>\n\nQui lit les CGU, franchement ?"],
    ['g', 'f', 'Ariel', 25, "Moi.\nToutes.\nDeux fois."],
    ['h', null, 'troll42', 30, "Commentaire qui partira à la corbeille."],
    ['i', 'h', 'Ines', 34, "Réponse à un commentaire supprimé : elle doit rester."],
    ['j', 'i', 'Paul', 37, "Et la réponse à la réponse aussi."],
    ['k', null, 'Nadia', 40, "40 € le profil, c'est le prix d'un jean. Mes données valent plus que <em>ça</em> :)"],
    ['l', 'k', 'Ghost', 42, "En attente de modération : personne ne doit le voir."],
    ['m', null, '👻 Casper', 45, "Un pseudo avec emoji, un texte avec drapeau 🇫🇷 et famille 👨‍👩‍👧."],
    ['n', 'm', 'Zoé', 47, "=SOMME(A1:A3) & <code>if a < b</code>"],
    ['o', null, 'Blog voisin', 50, "[…] Le Canard numérique en parle […]"],
    ['p', null, 'Björn', 55, "I read this in English : « it’s a scam », says my neighbour. He's right."],
    ['q', 'p', 'Ariel', 58, "+1"],
    ['r', null, 'Sœur Anne', 61, "Voir https://example.org/une?page=1&lang=fr pour la décision."],
    ['s', null, 'Marc', 66, "Arnaque totale."],
    ['t', 's', 'Marc', 67, "J’ajoute : arnaque <strong>légale</strong>."],
    ['u', null, 'Inès', 1440, "Le lendemain, toujours aucune réaction du ministère."],
    ['v', 'u', 'Ömer', 1450, "Comme d’habitude 🙄"],
    ['w', null, 'Paul', 1500, "> Elle fait appel.\n\nÉvidemment qu’elle fait appel."],
    ['x', null, 'Nadia', 2880, "Je relance : quelqu’un a lu le jugement ?"],
    ['y', 'x', 'Claire Müller-Léger', 2890, "Oui, le lien est dans l’article."],
    ['z', 'y', 'Nadia', 2900, "Merci !"],
    ['aa', null, 'Ghislain', 4000, "Dernier mot : payez avec de l’argent, pas avec vos données."],
    ['bb', 'a', 'Retardataire', 5000, "Je réponds au tout premier commentaire, bien après tout le monde."],
];
$ids = [];
foreach ($discussion as [$key, $parent, $author, $minutes, $text]) {
    $gmt = gmdate('Y-m-d H:i:s', strtotime('2024-04-03 04:55:00 UTC') + 60 * $minutes);
    $ids[$key] = wp_insert_comment(wp_slash([
        'comment_post_ID' => $article,
        'comment_parent' => $parent === null ? 0 : $ids[$parent],
        'comment_author' => $author,
        'comment_author_email' => $key === 'o' ? '' : $key . '@example.org',
        'comment_author_url' => $key === 'o' ? 'https://example.org/voisin' : '',
        'comment_content' => $text,
        'comment_type' => $key === 'o' ? 'pingback' : 'comment',
        'comment_approved' => $key === 'l' ? 0 : 1,
        'comment_date_gmt' => $gmt,
        'comment_date' => get_date_from_gmt($gmt),
        'user_id' => $key === 'y' ? 1 : 0,
    ]));
    if (!$ids[$key]) {
        fwrite(STDERR, "comment $key was not written\n");
        exit(1);
    }
}
wp_trash_comment($ids['h']);
wp_update_comment_count_now($article);
echo $article, "\n";
